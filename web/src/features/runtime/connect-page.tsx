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
import { callable, exampleInput } from './examples'
import { runKeys } from './keys'
import { useConnect, useCallOfKey, useFinishedRuns, useInstallationNames, useRefreshConnect, useToolsetAddresses } from './queries'
import { type CallTarget, type Snippet, snippets } from './snippets'
import './runtime.css'

interface ConnectPageProps {
  /** The form that makes a key; another feature's. */
  readonly keyForm: (onCreated: (key: CreatedKey) => void) => ReactNode
}

const PLACEHOLDER = 'YOUR_KEY'

function useExample(): CallTarget['example'] {
  const list = useInstallationNames()
  const id = (list.data?.items.find((each) => each.state === 'active') ?? list.data?.items[0])?.id
  const { data } = useQuery({ queryKey: [...runKeys.connect, 'example', id], enabled: id !== undefined, queryFn: ({ signal }) => get<Installation>(`/v1/installations/${id}`, signal) })
  const operation = data && callable(data.operations)
  return data && operation ? { installationId: data.id, operation: operation.name, mcpName: operation.mcp_name, input: exampleInput(operation) } : undefined
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

/** The newest call of the organisation; once a key was made here, the one with that key. */
function LastCall({ connect, made }: { readonly connect: Connect; readonly made: CreatedKey | undefined }) {
  const withKey = useCallOfKey(made?.id).data?.items[0]
  const ofKey = withKey && { run_id: withKey.id, client_name: withKey.client_name, at: withKey.started_at }
  const last = made ? ofKey : connect.last_call
  return (
    <Card title={last && !made ? 'Last call' : 'First call'} count={<LiveMark />} padded>
      {last ? (
        <div className="stack stack-tight">
          <Note tone="ok" title={made ? `The key “${made.name}” has called.` : 'An agent has called.'}>
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
            <strong>{made ? `Waiting for the first call with the key “${made.name}”.` : 'Waiting for the first call.'}</strong> It shows here by itself, with a way to its trace.
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
  const [made, setMade] = useState<CreatedKey>()
  const [toolset, setToolset] = useState('')
  const example = useExample()
  const toolsets = useToolsetAddresses().data?.items ?? []
  return (
    <Page title="Connect your agent" sub="Agents call through one address with a key. What they see is what is installed, under your rules.">
      <Loaded query={connect} rows={8} failure="The address could not be read.">
        {(data) => {
          const url = toolset ? `${data.mcp_url}/${toolset}` : data.mcp_url
          const all = snippets({ mcpUrl: url, origin: new URL(url, location.href).origin, key: made?.key ?? PLACEHOLDER, example })
          return (
            <div className="connect-columns">
              <div className="stack">
                {mayMake && (
                  <Card title="1. A key" padded>
                    {keyForm(setMade)}
                  </Card>
                )}
                <Card title={mayMake ? '2. The configuration' : 'The configuration'} padded>
                  <Tabs label="Clients" tabs={all.map((snippet) => ({ id: snippet.id, label: snippet.label, content: <SnippetView snippet={snippet} hasKey={made !== undefined} /> }))} />
                </Card>
              </div>
              <div className="stack">
                <LastCall connect={data} made={made} />
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
