import { useNavigate, useParams } from '@tanstack/react-router'
import { InstallationPage } from '~/features/installs/installation-page'
import { InstalledPage } from '~/features/installs/installed-page'
import { ToolsetsPage } from '~/features/installs/toolsets-page'
import { ConnectionPicker } from '~/features/vault/connection-picker'

export function Installed() {
  return <InstalledPage />
}

export function Installation() {
  const { installationId } = useParams({ strict: false }) as { installationId: string }
  const navigate = useNavigate()
  return <InstallationPage key={installationId} installationId={installationId} picker={(pick) => <ConnectionPicker {...pick} />} onGone={() => void navigate({ to: '/installed' })} />
}

export function Toolsets() {
  return <ToolsetsPage />
}
