import type { ToolDetail } from '~/app/manifest-types'
import { plural } from '~/design/format'
import { Icon, type IconName } from '~/design/icons'
import { Card } from '~/design/parts'

const groups: readonly { readonly title: string; readonly icon: IconName; readonly tone: string; readonly kinds: readonly string[]; readonly none: string }[] = [
  { title: 'Reads', icon: 'eye', tone: 'info', kinds: ['read'], none: 'Reads nothing' },
  { title: 'Changes', icon: 'pen', tone: 'warn', kinds: ['create', 'update', 'opaque'], none: 'Changes nothing' },
  { title: 'Deletes', icon: 'trash', tone: 'danger', kinds: ['delete'], none: 'Deletes nothing' },
]

const SHOWN = 4

/** What it may do to the world, from the effects of its operations and its allowed hosts. */
export function ToolPowers({ tool }: { readonly tool: ToolDetail }) {
  const hosts = tool.manifest.egress?.hosts ?? []
  return (
    <Card title="What it may do, read and send where">
      <div className="powers">
        {groups.map((group) => {
          const operations = tool.manifest.operations.filter((operation) => group.kinds.includes(operation.effects.kind))
          return (
            <div key={group.title}>
              <h3 className="row">
                <span className={`tone-${group.tone}`}>
                  <Icon name={group.icon} />
                </span>
                {group.title}
              </h3>
              {operations.length === 0 && <p className="hint">{group.none}</p>}
              {operations.slice(0, SHOWN).map((operation) => (
                <p key={operation.name}>{operation.title || operation.name}</p>
              ))}
              {operations.length > SHOWN && <p className="hint">and {plural(operations.length - SHOWN, 'more', 'more')}</p>}
            </div>
          )
        })}
        <div>
          <h3 className="row">
            <span className="tone-info">
              <Icon name="globe" />
            </span>
            Talks to
          </h3>
          {hosts.map((host) => (
            <p key={host}>
              <code className="wrap-anywhere">{host}</code>
              {host.startsWith('{') && <span className="meta"> set at install</span>}
            </p>
          ))}
          <p className="hint">Every other address is blocked</p>
        </div>
      </div>
      <p className="meta powers-foot">Enforced at every call.</p>
    </Card>
  )
}
