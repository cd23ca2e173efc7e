import { Outlet } from '@tanstack/react-router'
import { Shell } from '~/app/shell/shell'
import { SessionDialog } from '~/features/identity/session-dialog'

export function Inside() {
  return (
    <Shell>
      <Outlet />
      <SessionDialog />
    </Shell>
  )
}
