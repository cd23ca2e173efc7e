import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { Loaded, Page, PageName } from '~/app/page'
import { useCan } from '~/app/session'
import type { ToolDetail } from '~/app/manifest-types'
import { Badge, EffectBadge, Monogram } from '~/design/badge'
import { buttonClass } from '~/design/button'
import { plural } from '~/design/format'
import { Icon } from '~/design/icons'
import { Card, Facts } from '~/design/parts'
import { categoryWord } from './categories'
import { useTool } from './queries'
import { ToolPowers } from './tool-powers'
import { Stars, ToolReviews } from './tool-reviews'
import { ToolVersions } from './tool-versions'
import './catalog.css'

function Operations({ tool }: { readonly tool: ToolDetail }) {
  const [text, setText] = useState('')
  const all = tool.manifest.operations
  const shown = all.filter((operation) => `${operation.name} ${operation.title} ${operation.description}`.toLowerCase().includes(text.toLowerCase()))
  return (
    <Card
      title="Operations"
      count={<span className="hint">{all.length}</span>}
      actions={
        all.length > 5 && (
          <div className="input-search">
            <Icon name="search" />
            <input className="input input-small" type="search" aria-label="Filter operations" placeholder="Filter operations" value={text} onChange={(event) => setText(event.target.value)} />
          </div>
        )
      }
    >
      <table className="table table-cards">
        <thead>
          <tr>
            <th>Operation</th>
            <th>What the agent can do</th>
            <th>Effect</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((operation) => (
            <tr key={operation.name}>
              <td>
                <code className="strong">{operation.name}</code>
                {operation.deprecated && <Badge tone="warn">deprecated</Badge>}
              </td>
              <td className="clip operation-says" title={operation.description}>
                {operation.title || operation.description}
              </td>
              <td>
                <EffectBadge kind={operation.effects.kind} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {shown.length === 0 && <p className="card-body hint">No operation matches.</p>}
    </Card>
  )
}

function InstallLink({ tool }: { readonly tool: ToolDetail }) {
  const mayInstall = useCan()('installations:write')
  if (!mayInstall || !tool.latest_version) return null
  return (
    <Link className={buttonClass({ kind: 'primary', size: 'large', wide: true })} to={`/market/t/${tool.name}/install`}>
      Install
    </Link>
  )
}

function Side({ tool }: { readonly tool: ToolDetail }) {
  const mayInstall = useCan()('installations:write')
  const schemes = Object.entries(tool.manifest.auth?.schemes ?? {})
  return (
    <div className="record-side">
      <Card padded>
        <div className="stack stack-tight">
          <p>
            <span className="strong">{tool.latest_version ?? 'No usable version'}</span> <span className="hint">newest</span>
          </p>
          <InstallLink tool={tool} />
          {tool.installed && (
            <Link className={buttonClass({ wide: true })} to="/installed">
              Open what is installed
            </Link>
          )}
          {!mayInstall && <p className="meta">Your role cannot install tools. An owner or an administrator can.</p>}
        </div>
      </Card>
      <Card title="You will need" level={3} padded>
        {schemes.length === 0 && <p className="hint">No credential.</p>}
        <ul className="stack stack-tight">
          {schemes.map(([name, scheme]) => (
            <li key={name} className="row row-top">
              <Icon name="key" />
              <span>
                <span className="strong">{name}</span>
                <span className="meta tool-need">{scheme.description || scheme.type}</span>
              </span>
            </li>
          ))}
        </ul>
      </Card>
      <Card title="Facts" level={3} padded>
        <Facts
          facts={[
            { name: 'Visible to', value: tool.visibility },
            { name: 'Categories', value: tool.categories.map(categoryWord).join(', ') },
            { name: 'Time limit', value: `${tool.manifest.limits?.timeout_seconds ?? 30} s` },
          ]}
        />
      </Card>
    </div>
  )
}

/** Decide on trust: what it may do, read and send where. */
export function ToolPage({ name }: { readonly name: string }) {
  const query = useTool(name)
  if (!query.data) {
    return (
      <div className="page">
        <PageName title={name} crumbs={[{ label: 'Market', to: '/market' }]} />
        <h1 className="only-spoken">{name}</h1>
        <Loaded query={query} rows={8} failure="The tool could not be read.">
          {() => null}
        </Loaded>
      </div>
    )
  }
  const tool = query.data
  return (
    <Page
      title={tool.title}
      crumbs={[{ label: 'Market', to: '/market' }]}
      mark={<Monogram name={tool.title} size={56} />}
      heading={
        <div className="row row-wrap">
          <h1>{tool.title}</h1>
          {tool.latest_version && <Badge>{tool.latest_version}</Badge>}
          {tool.installed && (
            <Badge tone="ok" icon="check">
              installed
            </Badge>
          )}
        </div>
      }
      sub={
        <>
          {tool.summary && <p className="reading">{tool.summary}</p>}
          <p className="meta">
            <code>{tool.name}</code> · {plural(tool.operations, 'operation')}
          </p>
          {tool.rating !== null && tool.rating !== undefined && (
            <p className="row meta">
              <Stars value={tool.rating} /> <strong>{tool.rating.toFixed(1)}</strong> ({plural(tool.rating_count, 'review')})
            </p>
          )}
        </>
      }
      actions={
        <span className="only-narrow">
          <InstallLink tool={tool} />
        </span>
      }
    >
      <div className="record">
        <div className="stack">
          <ToolPowers tool={tool} />
          <Operations tool={tool} />
          {tool.description && (
            <Card title="Documentation" padded>
              <p className="reading wrap-anywhere">{tool.description}</p>
            </Card>
          )}
          <ToolVersions tool={tool} />
          <ToolReviews name={tool.name} />
        </div>
        <Side tool={tool} />
      </div>
    </Page>
  )
}
