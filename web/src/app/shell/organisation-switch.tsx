import { useNavigate } from '@tanstack/react-router'
import { useQueryClient } from '@tanstack/react-query'
import { Monogram } from '~/design/badge'
import { Icon } from '~/design/icons'
import { Menu } from '~/design/menu'
import { switchOrganisation, useSession } from '../session'

/** Which organisation one works in; others are a press away. */
export function OrganisationSwitch() {
  const { organisation, organisations } = useSession()
  const cache = useQueryClient()
  const navigate = useNavigate()
  if (organisations.length < 2) {
    return (
      <div className="org" title={organisation.name}>
        <Monogram name={organisation.name} size={24} />
        <span className="clip">{organisation.name}</span>
      </div>
    )
  }
  const change = async (id: string) => {
    if (id === organisation.id) return
    await navigate({ to: '/' })
    await switchOrganisation(cache, id)
  }
  return (
    <Menu
      label="Organisations"
      trigger={
        <button type="button" className="org" title={organisation.name} aria-label={`Organisation: ${organisation.name}`}>
          <Monogram name={organisation.name} size={24} />
          <span className="clip grow">{organisation.name}</span>
          <Icon name="chevron-down" small />
        </button>
      }
      choices={organisations.map((each) => ({
        id: each.id,
        text: each.name,
        icon: each.id === organisation.id ? ('check' as const) : undefined,
        label: (
          <>
            {each.name} <span className="hint">{each.role}</span>
          </>
        ),
        onChoose: () => void change(each.id),
      }))}
    />
  )
}
