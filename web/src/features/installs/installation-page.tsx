import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { Installation } from '~/app/api-types'
import { Loaded, Page, PageName } from '~/app/page'
import { useCan } from '~/app/session'
import { Badge, EffectBadge, Monogram } from '~/design/badge'
import { Button, buttonClass } from '~/design/button'
import { Card, Facts } from '~/design/parts'
import { Tabs } from '~/design/tabs'
import { CallPanel } from './call-panel'
import { Exports } from './exports'
import { InstallationSettings } from './installation-settings'
import { InstallationState } from './installed-page'
import type { CredentialPicker } from './pickers'
import { useInstallation } from './queries'
import { Lifecycle } from './lifecycle'
import { Uninstall } from './uninstall'
import './installs.css'

interface InstallationPageProps {
  readonly installationId: string
  readonly picker: CredentialPicker
  readonly onGone: () => void
}

function Operations({ installation }: { readonly installation: Installation }) {
  const [open, setOpen] = useState<string>()
  return (
    <Card title="Operations" count={<span className="hint">{installation.operations.length}</span>}>
      <ul className="list">
        {installation.operations.map((operation) => {
          const isOpen = open === operation.name
          return (
            <li key={operation.name} className="operation-item">
              <div className="row operation-head">
                <span className="grow">
                  <code className="strong wrap-anywhere">{operation.mcp_name}</code>
                  <span className="meta install-words clip" title={operation.title}>
                    {operation.title}
                  </span>
                </span>
                <EffectBadge kind={operation.effects.kind} />
                <Button size="small" icon="play" aria-expanded={isOpen} aria-label={`Try ${operation.mcp_name}`} onClick={() => setOpen(isOpen ? undefined : operation.name)}>
                  Try
                </Button>
              </div>
              {isOpen && <CallPanel installationId={installation.id} operation={operation} />}
            </li>
          )
        })}
      </ul>
    </Card>
  )
}

/** One installed tool: its operations, how it is set up, and its schemas for other uses. */
export function InstallationPage({ installationId, picker, onGone }: InstallationPageProps) {
  const query = useInstallation(installationId)
  const may = useCan()('installations:write')
  const crumbs = [{ label: 'Installed', to: '/installed' }]
  if (!query.data) {
    return (
      <div className="page">
        <PageName title="Installation" crumbs={crumbs} />
        <h1 className="only-spoken">Installation</h1>
        <Loaded query={query} rows={8} failure="The installation could not be read.">
          {() => null}
        </Loaded>
      </div>
    )
  }
  const installation = query.data
  return (
    <Page
      title={installation.title}
      crumbs={crumbs}
      mark={<Monogram name={installation.title} size={44} />}
      heading={
        <div className="row row-wrap">
          <h1>{installation.title}</h1>
          <InstallationState installation={installation} />
          <Badge>{installation.version}</Badge>
        </div>
      }
      sub={
        <>
          <Link to={`/market/t/${installation.tool}`}>{installation.tool}</Link> as <code>{installation.alias}</code>
        </>
      }
      actions={
        <>
          <Link className={buttonClass()} to="/runs" search={{ installation_id: installation.id }}>
            Its runs
          </Link>
          <Link className={buttonClass({ kind: 'primary' })} to="/connect">
            Connect an agent
          </Link>
        </>
      }
    >
      <div className="record">
        <Tabs
          label="Installation"
          tabs={[
            { id: 'operations', label: 'Operations', content: <Operations installation={installation} /> },
            { id: 'settings', label: 'Configuration and credentials', content: <InstallationSettings key={installation.id} installation={installation} picker={picker} /> },
            { id: 'exports', label: 'Exports', content: <Exports installation={installation} /> },
          ]}
        />
        <div className="record-side">
          <Card title="Set up" level={3} padded>
            <Facts
              facts={[
                { name: 'Version', value: `${installation.version} (pinned)` },
                { name: 'Newest', value: installation.latest_version ?? '–' },
                { name: 'Alias', value: <code>{installation.alias}</code> },
                { name: 'Credentials', value: Object.keys(installation.bindings).length },
              ]}
            />
          </Card>
          {may && <Lifecycle installation={installation} />}
          {may && <Uninstall installation={installation} onGone={onGone} />}
        </div>
      </div>
    </Page>
  )
}
