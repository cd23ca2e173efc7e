import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { InstallationItem } from '~/app/api-types'
import { Loaded, Page } from '~/app/page'
import { useCan } from '~/app/session'
import { Badge, Monogram } from '~/design/badge'
import { Button, buttonClass } from '~/design/button'
import { plural } from '~/design/format'
import { Icon } from '~/design/icons'
import { Empty } from '~/design/parts'
import './installs.css'
import { useInstallations } from './queries'

export function InstallationState({ installation }: { readonly installation: Pick<InstallationItem, 'state' | 'version_state'> }) {
  const { state, version_state: version } = installation
  if (version === 'quarantined') {
    return (
      <Badge tone="danger" icon="lock">
        quarantined
      </Badge>
    )
  }
  if (state === 'paused') {
    return (
      <Badge tone="warn" icon="warn">
        paused
      </Badge>
    )
  }
  if (version !== 'published') {
    return (
      <Badge tone="warn" icon="clock">
        {version}
      </Badge>
    )
  }
  return (
    <Badge tone="ok" icon="check">
      ready
    </Badge>
  )
}

const newer = (installation: InstallationItem): boolean => Boolean(installation.latest_version && installation.latest_version !== installation.version)

function Row({ installation }: { readonly installation: InstallationItem }) {
  return (
    <tr>
      <td>
        <div className="row">
          <Monogram name={installation.title} size={28} />
          <span className="grow">
            <Link to="/installed/$installationId" params={{ installationId: installation.id }} className="strong">
              {installation.title}
            </Link>
            <span className="meta install-words clip">{installation.tool}</span>
          </span>
        </div>
      </td>
      <td>
        <code>{installation.alias}</code>
      </td>
      <td>
        <InstallationState installation={installation} />
      </td>
      <td>{plural(installation.operation_count, 'operation')}</td>
      <td className="clip column-more" title={installation.summary}>
        {installation.summary}
      </td>
      <td className="no-wrap column-more">
        {installation.version}
        {newer(installation) && <span className="hint"> · {installation.latest_version} is out</span>}
      </td>
    </tr>
  )
}

/** What agents can call. */
export function InstalledPage() {
  const installations = useInstallations()
  const [text, setText] = useState('')
  const mayInstall = useCan()('installations:write')
  const market = (
    <Link className={buttonClass({ kind: mayInstall ? 'primary' : 'plain' })} to="/market">
      Browse the market
    </Link>
  )
  return (
    <Page title="Installed" sub="What agents of your organisation can call, with your credentials and under your rules." actions={market}>
      <Loaded query={installations} rows={6} failure="The installed tools could not be read.">
        {({ items }) => {
          const words = text.toLowerCase()
          const shown = items.filter((each) => `${each.title} ${each.tool} ${each.alias}`.toLowerCase().includes(words))
          if (items.length === 0) {
            return (
              <div className="card">
                <Empty icon="installed" title="Nothing installed yet" actions={market}>
                  An installed tool can be called by your agents, with your credentials and under your rules.
                </Empty>
              </div>
            )
          }
          return (
            <>
              <div className="toolbar">
                <div className="input-search">
                  <Icon name="search" />
                  <input className="input" type="search" aria-label="Filter installed tools" data-page-search placeholder="Name or alias" value={text} onChange={(event) => setText(event.target.value)} />
                </div>
              </div>
              <div className="card">
                {shown.length > 0 ? (
                  <table className="table table-cards">
                    <thead>
                      <tr>
                        <th>Tool</th>
                        <th>Alias</th>
                        <th>State</th>
                        <th>Operations</th>
                        <th className="column-more">What it is</th>
                        <th className="column-more">Version</th>
                      </tr>
                    </thead>
                    <tbody>
                      {shown.map((installation) => (
                        <Row key={installation.id} installation={installation} />
                      ))}
                    </tbody>
                  </table>
                ) : (
                  <Empty icon="filter" title="No tool matches" actions={<Button onClick={() => setText('')}>Clear the filter</Button>}>
                    {plural(items.length, 'tool is', 'tools are')} installed, but none has these words.
                  </Empty>
                )}
              </div>
            </>
          )
        }}
      </Loaded>
    </Page>
  )
}
