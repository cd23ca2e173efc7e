import type { Installation } from '~/app/api-types'
import { ProblemNote } from '~/app/problem-note'
import { toast } from '~/app/toasts'
import { Button } from '~/design/button'
import { useRestoreInstallation, useUninstall } from './queries'

/** Take the tool away from agents at once; undo brings it back as it was. */
export function Uninstall({ installation, onGone }: { readonly installation: Installation; readonly onGone: () => void }) {
  const remove = useUninstall()
  const restore = useRestoreInstallation()
  const act = () =>
    remove.mutate(installation.id, {
      onSuccess: () => {
        toast(`${installation.title} is uninstalled`, () => restore.mutate(installation.id))
        onGone()
      },
    })
  return (
    <div className="stack stack-tight">
      <ProblemNote error={remove.error} title="It was not uninstalled." />
      <Button kind="danger" icon="trash" busy={remove.isPending} onClick={act}>
        Uninstall
      </Button>
      <p className="meta">Agents lose its operations within a second. Runs are kept.</p>
    </div>
  )
}
