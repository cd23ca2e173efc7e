import { useState } from 'react'
import type { ApiKey } from '~/app/api-types'
import { Loaded } from '~/app/page'
import { ProblemNote } from '~/app/problem-note'
import { useCan } from '~/app/session'
import { toast } from '~/app/toasts'
import { Badge } from '~/design/badge'
import { Button } from '~/design/button'
import { Dialog } from '~/design/dialog'
import { day } from '~/design/format'
import { Card, Empty } from '~/design/parts'
import { Ago } from '~/design/time'
import { ApiKeyForm } from './api-key-form'
import { useApiKeys, useRevokeKey } from './queries'

function stateOf(key: ApiKey) {
  if (key.revoked_at) return <Badge tone="danger">revoked</Badge>
  if (key.expires_at && Date.parse(key.expires_at) < Date.now()) return <Badge tone="warn">ended</Badge>
  return (
    <Badge tone="ok" icon="check">
      works
    </Badge>
  )
}

function KeyTable({ keys, onRevoke }: { readonly keys: readonly ApiKey[]; readonly onRevoke: (key: ApiKey) => void }) {
  const may = useCan()('keys:write')
  return (
    <table className="table table-cards">
      <thead>
        <tr>
          <th>Key</th>
          <th>Begins with</th>
          <th>Role</th>
          <th>State</th>
          <th className="column-more">Ends</th>
          <th className="column-more">Last used</th>
          <th>
            <span className="only-spoken">Acts</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {keys.map((key) => (
          <tr key={key.id}>
            <td className="strong">{key.name}</td>
            <td>
              <code>{key.prefix}…</code>
            </td>
            <td>{key.role}</td>
            <td>{stateOf(key)}</td>
            <td className="hint column-more">{key.expires_at ? day(key.expires_at) : 'never'}</td>
            <td className="hint column-more">{key.last_used_at ? <Ago at={key.last_used_at} /> : 'never'}</td>
            <td className="number">
              {may && !key.revoked_at && (
                <Button size="small" kind="danger" aria-label={`Revoke ${key.name}`} onClick={() => onRevoke(key)}>
                  Revoke
                </Button>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** Keys by which programs call; revoking one cannot be undone. */
export function ApiKeys() {
  const keys = useApiKeys()
  const revoke = useRevokeKey()
  const may = useCan()('keys:write')
  const [making, setMaking] = useState(false)
  const [revoking, setRevoking] = useState<ApiKey>()
  const confirm = () =>
    revoking && revoke.mutate(revoking.id, { onSuccess: () => (toast(`${revoking.name} is revoked`), setRevoking(undefined)) })
  const make = may && (
    <Button kind="primary" icon="plus" onClick={() => setMaking(true)}>
      New key
    </Button>
  )
  return (
    <>
      <Card title="API keys" actions={make}>
        <Loaded query={keys} failure="The keys could not be read.">
          {({ items }) =>
            items.length ? (
              <KeyTable keys={items} onRevoke={setRevoking} />
            ) : (
              <Empty icon="key" title="No keys yet" actions={make}>
                A key lets an agent or a script call what is installed, with your rights or fewer.
              </Empty>
            )
          }
        </Loaded>
      </Card>
      <Dialog title="New key" open={making} onClose={() => setMaking(false)}>
        <ApiKeyForm />
      </Dialog>
      <Dialog
        title={`Revoke ${revoking?.name ?? ''}?`}
        open={revoking !== undefined}
        onClose={() => setRevoking(undefined)}
        foot={
          <>
            <Button onClick={() => setRevoking(undefined)}>Cancel</Button>
            <Button kind="danger-solid" busy={revoke.isPending} onClick={confirm}>
              Revoke the key
            </Button>
          </>
        }
      >
        <ProblemNote error={revoke.error} title="The key was not revoked." />
        <p>Whatever calls with this key is refused within a second. This cannot be undone; a new key can be made.</p>
      </Dialog>
    </>
  )
}
