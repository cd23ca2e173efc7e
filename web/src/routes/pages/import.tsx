import { useNavigate } from '@tanstack/react-router'
import { Allowed } from '~/app/refused'
import { ImportWizard } from '~/features/importers/import-wizard'
import { useConnections } from '~/features/vault/queries'

function Wizard() {
  const navigate = useNavigate()
  const stored = useConnections().data?.items ?? []
  return (
    <ImportWizard
      connections={stored.map((connection) => ({ value: connection.id, label: `${connection.name} (${connection.host})` }))}
      onMade={(draftId) => void navigate({ to: '/build/tool/$draftId', params: { draftId } })}
    />
  )
}

export function Import() {
  return (
    <Allowed verb="imports:write" title="Import" crumbs={[{ label: 'Build', to: '/build' }]} act="bring in an API" grant="builder">
      <Wizard />
    </Allowed>
  )
}
