import { useNavigate } from '@tanstack/react-router'
import { ImportWizard } from '~/features/importers/import-wizard'

export function Import() {
  const navigate = useNavigate()
  return <ImportWizard onMade={(draftId) => void navigate({ to: '/build/tool/$draftId', params: { draftId } })} />
}
