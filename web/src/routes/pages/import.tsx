import { useNavigate } from '@tanstack/react-router'
import { ImportWizard } from '~/features/importers/import-wizard'
import { useConnections } from '~/features/vault/queries'

export function Import() {
  const navigate = useNavigate()
  const stored = useConnections().data?.items ?? []
  return (
    <ImportWizard
      connections={stored.map((connection) => ({ value: connection.id, label: `${connection.name} (${connection.host})` }))}
      onMade={(draftId) => void navigate({ to: '/build/tool/$draftId', params: { draftId } })}
    />
  )
}
