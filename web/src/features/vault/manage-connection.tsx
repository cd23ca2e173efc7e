import { useState } from 'react'
import type { Connection } from '~/app/api-types'
import { ProblemNote } from '~/app/problem-note'
import { toast } from '~/app/toasts'
import { Button } from '~/design/button'
import { Dialog } from '~/design/dialog'
import { TextField } from '~/design/field'
import { day } from '~/design/format'
import { Facts, Note } from '~/design/parts'
import { ConnectionTestButton } from './connection-test'
import { kindWords } from './kinds'
import { useDeleteConnection, useRotateSecret } from './queries'
import { SecretInputs, secretComplete } from './secret-inputs'

interface ManageProps {
  readonly connection: Connection
  readonly onClose: () => void
}

function Rotate({ connection, onDone }: { readonly connection: Connection; readonly onDone: () => void }) {
  const rotate = useRotateSecret(connection.id)
  const [secret, setSecret] = useState<Record<string, string>>({})
  const [asked, setAsked] = useState(false)
  const save = () => {
    setAsked(true)
    if (!secretComplete(connection.kind, secret)) return
    rotate.mutate(secret, {
      onSuccess: () => {
        toast(`${connection.name} has a new secret`)
        onDone()
      },
    })
  }
  return (
    <div className="stack">
      <ProblemNote error={rotate.error} title="The secret was not replaced." />
      <SecretInputs kind={connection.kind} secret={secret} asked={asked} onChange={setSecret} />
      <div className="row">
        <Button kind="primary" busy={rotate.isPending} onClick={save}>
          Replace the secret
        </Button>
        <Button onClick={onDone}>Cancel</Button>
      </div>
    </div>
  )
}

/** Where to try the credential; what is left empty is tried in the usual place. */
function TestSomewhere({ connection }: { readonly connection: Connection }) {
  const [url, setUrl] = useState('')
  const [parameter, setParameter] = useState('')
  const where = { url: url.trim() || undefined, parameter: parameter.trim() || undefined }
  return (
    <div className="stack stack-tight">
      <details>
        <summary className="hint">Where to try it</summary>
        <div className="split">
          <TextField label="Address" type="url" optional placeholder={`https://${connection.host}/`} value={url} onChange={(event) => setUrl(event.target.value)} />
          {connection.kind === 'api_key' && <TextField label="Header" optional mono placeholder="X-API-Key" value={parameter} onChange={(event) => setParameter(event.target.value)} />}
        </div>
      </details>
      <ConnectionTestButton id={connection.id} name={connection.name} where={where} />
    </div>
  )
}

/** Test, replace or delete one connection. */
export function ManageConnection({ connection, onClose }: ManageProps) {
  const [act, setAct] = useState<'look' | 'rotate' | 'delete'>('look')
  const remove = useDeleteConnection()
  const confirm = () =>
    remove.mutate(connection.id, {
      onSuccess: () => {
        toast(`${connection.name} is deleted`)
        onClose()
      },
    })
  return (
    <Dialog title={connection.name} open onClose={onClose}>
      <div className="stack">
        <Facts
          left
          facts={[
            { name: 'Kind', value: kindWords[connection.kind] },
            { name: 'Secret', value: <code>{connection.hint || 'sealed'}</code> },
            { name: 'Sent only to', value: <code>{connection.host}</code> },
            { name: 'Stored', value: day(connection.created_at) },
          ]}
        />
        {act === 'look' && (
          <>
            <TestSomewhere connection={connection} />
            <div className="row row-wrap">
              <Button icon="refresh" onClick={() => setAct('rotate')}>
                Replace the secret
              </Button>
              <Button kind="danger" icon="trash" onClick={() => setAct('delete')}>
                Delete
              </Button>
            </div>
          </>
        )}
        {act === 'rotate' && <Rotate connection={connection} onDone={() => setAct('look')} />}
        {act === 'delete' && (
          <Note
            tone="danger"
            title={`Delete ${connection.name}?`}
            actions={
              <>
                <Button kind="danger-solid" busy={remove.isPending} onClick={confirm}>
                  Delete the connection
                </Button>
                <Button onClick={() => setAct('look')}>Keep it</Button>
              </>
            }
          >
            <p>The secret is erased. Installations that use it stop working until they get another.</p>
            <ProblemNote error={remove.error} title="It was not deleted." />
          </Note>
        )}
      </div>
    </Dialog>
  )
}
