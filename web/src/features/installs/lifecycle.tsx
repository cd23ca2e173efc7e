import type { Installation } from '~/app/api-types'
import { ProblemNote } from '~/app/problem-note'
import { toast } from '~/app/toasts'
import { Button } from '~/design/button'
import { useChangeInstallation } from './queries'

/** Update to the newest version, or pause; both can be taken back. */
export function Lifecycle({ installation }: { readonly installation: Installation }) {
  const change = useChangeInstallation(installation.id)
  const { version, latest_version: newest, state, title } = installation
  const update = () => change.mutate({ version: newest }, { onSuccess: () => toast(`${title} is now ${newest}`, () => change.mutate({ version })) })
  const pause = () => change.mutate({ state: 'paused' }, { onSuccess: () => toast(`${title} is paused`, () => change.mutate({ state: 'active' })) })
  return (
    <div className="stack stack-tight">
      <ProblemNote error={change.error} title="The installation was not changed." />
      {newest && newest !== version && (
        <Button icon="publish" busy={change.isPending} onClick={update}>
          Update to {newest}
        </Button>
      )}
      {state === 'paused' ? (
        <Button icon="play" busy={change.isPending} onClick={() => change.mutate({ state: 'active' })}>
          Go on
        </Button>
      ) : (
        <Button busy={change.isPending} onClick={pause}>
          Pause
        </Button>
      )}
    </div>
  )
}
