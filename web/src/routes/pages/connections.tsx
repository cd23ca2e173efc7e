import { ConnectionsPage } from '~/features/vault/connections-page'

export function Connections() {
  return <ConnectionsPage />
}
