import { useState } from 'react'
import type { Connection } from '~/app/api-types'
import { Loaded, Page } from '~/app/page'
import { useCan } from '~/app/session'
import { toast } from '~/app/toasts'
import { Badge, Monogram } from '~/design/badge'
import { Button } from '~/design/button'
import { Dialog } from '~/design/dialog'
import { plural } from '~/design/format'
import { Empty } from '~/design/parts'
import { Ago } from '~/design/time'
import { ConnectionForm } from './connection-form'
import { ManageConnection } from './manage-connection'
import { kindWords } from './kinds'
import { useConnections } from './queries'
import './vault.css'

function State({ state }: { readonly state: Connection['state'] }) {
  if (state === 'ok') {
    return (
      <Badge tone="ok" icon="check">
        works
      </Badge>
    )
  }
  if (state === 'failing') {
    return (
      <Badge tone="danger" icon="error">
        refused
      </Badge>
    )
  }
  return <Badge>unused</Badge>
}

const uses = (connection: Connection): number => (Array.isArray(connection.used_by) ? connection.used_by.length : (connection.used_by ?? 0))

function ConnectionTable({ items, onOpen }: { readonly items: readonly Connection[]; readonly onOpen: (connection: Connection) => void }) {
  return (
    <div className="card">
      <table className="table table-cards">
        <thead>
          <tr>
            <th>Name</th>
            <th>Kind</th>
            <th>State</th>
            <th>Who</th>
            <th className="column-more">Host</th>
            <th className="column-more">Used by</th>
            <th className="column-more">Last used</th>
          </tr>
        </thead>
        <tbody>
          {items.map((connection) => (
            <tr key={connection.id}>
              <td>
                <div className="row">
                  <Monogram name={connection.name} size={28} />
                  <Button kind="link" onClick={() => onOpen(connection)}>
                    {connection.name}
                  </Button>
                </div>
              </td>
              <td>
                {kindWords[connection.kind]} <code className="meta">{connection.hint}</code>
              </td>
              <td>
                <State state={connection.state} />
              </td>
              <td>{connection.scope === 'shared' ? 'everybody' : 'only me'}</td>
              <td className="clip column-more" title={connection.host}>
                <code>{connection.host}</code>
              </td>
              <td className="column-more">{plural(uses(connection), 'installation')}</td>
              <td className="hint column-more">{connection.last_used_at ? <Ago at={connection.last_used_at} /> : 'never'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** The credentials in the vault; their texts are never shown. */
export function ConnectionsPage() {
  const connections = useConnections()
  const may = useCan()('connections:write')
  const [making, setMaking] = useState(false)
  const [open, setOpen] = useState<Connection>()
  const create = may && (
    <Button kind="primary" icon="plus" onClick={() => setMaking(true)}>
      New connection
    </Button>
  )
  return (
    <Page title="Connections" sub="Credentials sealed in your vault. Neither agents nor publishers see them." actions={create}>
      <Loaded query={connections} failure="The connections could not be read.">
        {({ items }) =>
          items.length ? (
            <ConnectionTable items={items} onOpen={setOpen} />
          ) : (
            <div className="card">
              <Empty icon="key" title="Nothing in the vault yet" actions={create}>
                A connection is a credential for an outside service. It is added to calls at the last moment, only for the hosts you name.
              </Empty>
            </div>
          )
        }
      </Loaded>
      <Dialog title="New connection" open={making} onClose={() => setMaking(false)}>
        <ConnectionForm
          onCancel={() => setMaking(false)}
          onMade={(connection) => {
            setMaking(false)
            toast(`${connection.name} is stored`)
          }}
        />
      </Dialog>
      {open && <ManageConnection connection={open} onClose={() => setOpen(undefined)} />}
    </Page>
  )
}
