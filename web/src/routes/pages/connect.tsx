import { ApiKeyForm } from '~/features/identity/api-key-form'
import { ConnectPage } from '~/features/runtime/connect-page'

export function Connect() {
  return <ConnectPage keyForm={(onCreated) => <ApiKeyForm suggestedName="My agent" onCreated={onCreated} />} />
}
