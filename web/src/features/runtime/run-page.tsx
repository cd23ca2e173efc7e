import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { RunDetail } from '~/app/api-types'
import { Loaded, Page, PageName } from '~/app/page'
import { Badge, OutcomeBadge, outcomeWord } from '~/design/badge'
import { CopyButton } from '~/design/code'
import { day, duration, plural, timeOfDay } from '~/design/format'
import { Card, FactStrip, Note } from '~/design/parts'
import { AttemptDetail } from './attempt-detail'
import { channels } from './filters'
import { useRun } from './queries'
import { Waterfall } from './waterfall'
import './runtime.css'

const meanings: Record<string, string> = {
  tool_error: 'The outside service understood the call and refused it. The agent got its reason.',
  upstream_error: 'The outside service failed or sent something that is not an answer.',
  denied: 'The call was refused here; nothing left the organisation.',
  timeout: 'No answer came in time. Whether the outside service acted is not known.',
  unknown: 'The call may have arrived, but no answer was seen. Look in the outside service before repeating it.',
}

function Story({ run }: { readonly run: RunDetail }) {
  if (!run.ended) return <Note tone="info">The call goes on. This page follows it by itself.</Note>
  return <Ending run={run} />
}

function Ending({ run }: { readonly run: RunDetail }) {
  const like = (
    <Link to="/runs" search={{ outcome: run.outcome, operation: run.operation }}>
      Runs like this
    </Link>
  )
  const first = run.attempts[0]
  if (run.outcome === 'ok' && run.retries > 0) {
    return (
      <Note tone="warn" title={`Attempt 1 was refused${first?.status ? ` with ${first.status}` : ''}.`} actions={like}>
        The call went through after {plural(run.retries, 'further attempt')}.
      </Note>
    )
  }
  const meaning = meanings[run.outcome]
  if (!meaning) return null
  return (
    <Note tone={run.outcome === 'unknown' ? 'warn' : 'danger'} title={`${outcomeWord(run.outcome)}${run.http_status ? `: ${run.http_status}` : ''}`} actions={like}>
      {run.detail || meaning} {run.problem_code && <code className="meta">{run.problem_code}</code>}
    </Note>
  )
}

function Trace({ run }: { readonly run: RunDetail }) {
  const final = Math.max(run.attempts.length - 1, 0)
  const [chosen, setChosen] = useState(`attempt-${final}`)
  const [attempt, setAttempt] = useState(final)
  const name = run.mcp_name ?? run.operation
  const status = run.attempts[attempt]?.status
  return (
    <>
      <Page
        title={name}
        crumbs={[{ label: 'Runs', to: '/runs' }]}
        heading={
          <div className="row row-wrap">
            <h1 className="mono-heading">{name}</h1>
            <OutcomeBadge outcome={run.ended ? run.outcome : 'running'} />
            {run.demo && <Badge>demo</Badge>}
            <span className="row">
              <code className="hint clip">{run.id}</code>
              <CopyButton text={run.id} label="Copy the run id" />
            </span>
          </div>
        }
        sub={
          <>
            {day(run.started_at)} {timeOfDay(run.started_at)}
            {run.version && ` · version ${run.version}`}
            {run.installation_id && (
              <>
                {' · '}
                <Link to="/installed/$installationId" params={{ installationId: run.installation_id }}>
                  {run.alias}
                </Link>
              </>
            )}
          </>
        }
      >
        <div className="stack">
          <FactStrip
            facts={[
              { name: 'Outcome', value: run.ended ? outcomeWord(run.outcome) + (run.retries ? `, after ${plural(run.retries, 'retry', 'retries')}` : '') : 'running' },
              { name: 'Duration', value: duration(run.total_milliseconds) },
              { name: 'Ours', value: duration(run.own_milliseconds) },
              { name: 'Who', value: run.principal.label },
              { name: 'Through', value: [channels[run.channel] ?? run.channel, run.client_name].filter(Boolean).join(' · ') },
              { name: 'Class', value: run.durability },
            ]}
          />
          <Story run={run} />
          <div className="trace-columns">
            <Waterfall
              run={run}
              chosen={chosen}
              onChoose={(row) => {
                setChosen(row.id)
                if (row.attempt !== undefined) setAttempt(row.attempt)
              }}
            />
            <Card title={run.attempts.length ? `Attempt ${attempt + 1}` : 'Call'} count={status ? <Badge tone={status < 400 ? 'ok' : 'danger'}>{status}</Badge> : undefined} padded>
              <AttemptDetail run={run} index={attempt} />
            </Card>
          </div>
        </div>
      </Page>
    </>
  )
}

/** Understand one call. */
export function RunPage({ runId }: { readonly runId: string }) {
  const run = useRun(runId)
  if (run.data) return <Trace key={run.data.id + run.data.outcome} run={run.data} />
  return (
    <div className="page">
      <PageName title="Run" crumbs={[{ label: 'Runs', to: '/runs' }]} />
      <h1 className="only-spoken">Run</h1>
      <Loaded query={run} rows={10} failure="The run could not be read.">
        {() => null}
      </Loaded>
    </div>
  )
}
