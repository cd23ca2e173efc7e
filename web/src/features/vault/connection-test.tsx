import type { ConnectionTest } from '~/app/api-types'
import { ProblemNote } from '~/app/problem-note'
import { Button } from '~/design/button'
import { Note } from '~/design/parts'
import { type TestPlace, useTestConnection } from './queries'

function titleOf({ ok, status }: ConnectionTest): string {
  if (ok) return 'Connection works'
  return status === null ? 'The service could not be asked.' : `The credential was refused: ${status}.`
}

/** Try a connection once, and say plainly what came back. */
export function ConnectionTestButton({ id, name, where }: { readonly id: string; readonly name: string; readonly where?: TestPlace }) {
  const test = useTestConnection()
  return (
    <div className="stack stack-tight">
      <div className="row">
        <Button size="small" icon="play" busy={test.isPending} aria-label={`Test ${name}`} onClick={() => test.mutate({ id, ...where })}>
          {test.isPending ? 'Testing…' : test.data ? 'Test again' : 'Test'}
        </Button>
      </div>
      <ProblemNote error={test.error} title="The test did not run." />
      {test.data && (
        <Note tone={test.data.ok ? 'ok' : 'danger'} title={titleOf(test.data)} alert={!test.data.ok}>
          {test.data.detail}
        </Note>
      )}
    </div>
  )
}
