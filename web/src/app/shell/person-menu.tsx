import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Monogram } from '~/design/badge'
import { Menu } from '~/design/menu'
import { appearance, setAppearance } from '../preferences'
import { signOut, useSession } from '../session'
import { useStore } from '../store'

/** The person: appearance, keys and sign-out. */
export function PersonMenu({ onKeys }: { readonly onKeys: () => void }) {
  const { user, role } = useSession()
  const { theme } = useStore(appearance)
  const cache = useQueryClient()
  const navigate = useNavigate()
  const leave = () => signOut(cache, () => navigate({ to: '/sign-in' }))
  const dark = theme === 'dark' || (theme === 'system' && matchMedia('(prefers-color-scheme: dark)').matches)
  const next = dark ? 'light' : 'dark'
  return (
    <Menu
      label={user.name}
      trigger={
        <button type="button" className="avatar-button" aria-label={`${user.name}, ${role}`} title={`${user.name} · ${role}`}>
          <Monogram name={user.name} round />
        </button>
      }
      choices={[
        { id: 'theme', icon: 'moon', label: `Use the ${next} theme`, onChoose: () => setAppearance({ theme: next }) },
        { id: 'appearance', icon: 'settings', label: 'Appearance', onChoose: () => void navigate({ to: '/settings/appearance' }) },
        { id: 'keys', icon: 'keyboard', label: 'Keyboard shortcuts', onChoose: onKeys },
        { id: 'leave', icon: 'sign-out', label: 'Sign out', onChoose: () => void leave() },
      ]}
    />
  )
}
