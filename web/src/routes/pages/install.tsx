import { useNavigate, useParams } from '@tanstack/react-router'
import { toast } from '~/app/toasts'
import { InstallWizard } from '~/features/installs/install-wizard'
import { ConnectionPicker } from '~/features/vault/connection-picker'

export function Install() {
  const { namespace, slug } = useParams({ strict: false }) as { namespace: string; slug: string }
  const navigate = useNavigate()
  return (
    <InstallWizard
      name={`${namespace}/${slug}`}
      picker={(pick) => <ConnectionPicker {...pick} />}
      onInstalled={(installationId) => {
        toast('Installed. Agents see it from their next list.')
        void navigate({ to: '/installed/$installationId', params: { installationId } })
      }}
    />
  )
}
