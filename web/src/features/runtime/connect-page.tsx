import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import type { Connect, CreatedKey, Installation } from '~/app/api-types'
import { get } from '~/app/client'
import { Loaded, Page } from '~/app/page'
import { useCan } from '~/app/session'
import { LiveMark } from '~/app/shell/live-mark'
import { buttonClass } from '~/design/button'
import { Code } from '~/design/code'
import { SelectField } from '~/design/field'
import { Icon } from '~/design/icons'
import { Card, Note } from '~/design/parts'
import { Tabs } from '~/design/tabs'
import { Ago } from '~/design/time'
import { runKeys } from './keys'
import { useConnect, useFinishedRuns, useInstallationNames, useRefreshConnect, useToolsetAddresses } from './queries'
import { type CallTarget, type Snippet, snippets } from './snippets'
import './runtime.css'

interface ConnectPageProps {
  /** The form that makes a key; another feature's. */
  readonly keyForm: (onCreated: (key: CreatedKey) => void) => ReactNode
}

const PLACEHOLDER = 'YOUR_KEY'

function useExample(): CallTarget['example'] {
  const list = useInstallationNames()
  const id = list.data?.items[0]?.id
  const { data } = useQuery({ queryKey: [...runKeys.connect, 'example', id], enabled: id !== undefined, queryFn: ({ signal }) => get<Installation>(`/v1/installations/${id}`, signal) })
  const operation = data?.operations.find((each) => each.effects.kind === 'read') ?? data?.operations[0]
  return data && operation ? { installationId: data.id, operation: operation.name, mcpName: operation.mcp_name, input: operation.example_input ?? {} } : undefined
}

function Words({ text }: { readonly text: string }) {
  return text.split('`').map((part, index) => (index % 2 ? <code key={index}>{part}</code> : part))
}

function SnippetView({ snippet, hasKey }: { readonly snippet: Snippet; readonly hasKey: boolean }) {
  return (
    <div className="stack stack-tight">
      <p>
        <Words text={snippet.place} />
      </p>
      <Code label={`Configuration for ${snippet.label}`} text={snippet.text} json={snippet.json} wrap />
      {!hasKey && (
        <p className="meta">
          Replace <code>{PLACEHOLDER}</code> by a key, or make one on this page: it is then filled in.
        </p>
      )}
    </div>
  )
}

function LastCall({ connect }: { readonly connect: Connect }) {
  const { last_call: last } = connect
  return (
    <Card title="First call" count={<LiveMark />} padded>
      {last ? (
        <div className="stack stack-tight">
          <Note tone="ok" title="An agent has called.">
            {last.client_name || 'A client'}, <Ago at={last.at} />.
          </Note>
          <Link className={buttonClass()} to="/runs/$runId" params={{ runId: last.run_id }}>
            See the run
          </Link>
        </div>
      ) : (
        <div className="waiting-call" role="status">
          <span className="empty-icon">
            <Icon name="clock" />
          </span>
          <p>
            <strong>Waiting for the first call.</strong> It shows here by itself, with a way to its trace.
          </p>
        </div>
      )}
    </Card>
  )
}

/** Everything to paste into an agent. */
export function ConnectPage({ keyForm }: ConnectPageProps) {
  const connect = useConnect()
  const refresh = useRefreshConnect()
  useFinishedRuns(refresh)
  const mayMake = useCan()('keys:write')
  const [key, setKey] = useState('')
  const [toolset, setToolset] = useState('')
  const example = useExample()
  const toolsets = useToolsetAddresses().data?.items ?? []
  return (
    <Page title="Connect your agent" sub="Agents call through one address with a key. What they see is what is installed, under your rules.">
      <Loaded query={connect} rows={8} failure="The address could not be read.">
        {(data) => {
          const url = toolset ? `${data.mcp_url}/${toolset}` : data.mcp_url
          const all = snippets({ mcpUrl: url, origin: new URL(url, location.href).origin, key: key || PLACEHOLDER, example })
          return (
            <div className="connect-columns">
              <div className="stack">
                {mayMake && (
                  <Card title="1. A key" padded>
                    {keyForm((made) => setKey(made.key))}
                  </Card>
                )}
                <Card title={mayMake ? '2. The configuration' : 'The configuration'} padded>
                  <Tabs label="Clients" tabs={all.map((snippet) => ({ id: snippet.id, label: snippet.label, content: <SnippetView snippet={snippet} hasKey={key !== ''} /> }))} />
                </Card>
              </div>
              <div className="stack">
                <LastCall connect={data} />
                <Card title="Address" padded>
                  <div className="stack stack-tight">
                    {toolsets.length > 0 && (
                      <SelectField
                        label="Toolset"
                        value={toolset}
                        onChange={(event) => setToolset(event.target.value)}
                        choices={[{ value: '', label: 'Everything installed' }, ...toolsets.map((each) => ({ value: each.slug, label: each.name }))]}
                      />
                    )}
                    <Code label="MCP address" text={url} wrap />
                    <p className="meta">Streamable HTTP. Every MCP revision since 2025-03-26.</p>
                  </div>
                </Card>
              </div>
            </div>
          )
        }}
      </Loaded>
    </Page>
  )
}
