import type { Attempt, Json, RunDetail } from '~/app/api-types'
import { Code, pretty } from '~/design/code'
import { bytes, duration } from '~/design/format'
import { Facts } from '~/design/parts'
import { Tabs } from '~/design/tabs'

const textOf = (body: Json | undefined): string => {
  if (body === null || body === undefined || body === '') return ''
  if (typeof body !== 'string') return pretty(body)
  try {
    return pretty(JSON.parse(body))
  } catch {
    return body
  }
}

const headersOf = (headers: Record<string, string>): string =>
  Object.entries(headers)
    .map(([name, value]) => `${name.toLowerCase()}: ${value}`)
    .join('\n')

function requestText(attempt: Attempt): string {
  const body = textOf(attempt.request_body)
  return [`${attempt.method} ${attempt.url}`, headersOf(attempt.request_headers), body && `\n${body}`].filter(Boolean).join('\n')
}

function answerText(attempt: Attempt, run: RunDetail, last: boolean): string {
  const body = textOf(attempt.response_body ?? (last ? run.answer : undefined))
  const first = attempt.error ? `no answer: ${attempt.error}` : `${attempt.status ?? '–'} · ${duration(attempt.duration_milliseconds)}`
  return [first, headersOf(attempt.response_headers), body && `\n${body}`].filter(Boolean).join('\n')
}

/** One attempt: the request without its credential, the answer, and what the agent got. */
export function AttemptDetail({ run, index }: { readonly run: RunDetail; readonly index: number }) {
  const attempt = run.attempts[index]
  const last = index === run.attempts.length - 1
  const exchange = (
    <div className="stack">
      <div className="stack stack-tight">
        <h3>Arguments</h3>
        <Code label="Arguments" json wrap text={textOf(run.arguments) || '{}'} />
      </div>
      {attempt ? (
        <>
          <div className="stack stack-tight">
            <h3>Request</h3>
            <Code label="Request" json wrap text={requestText(attempt)} />
          </div>
          <div className="stack stack-tight">
            <h3>Answer</h3>
            <Code label="Answer" json wrap text={answerText(attempt, run, last)} />
          </div>
        </>
      ) : (
        <p className="hint">No request left: the call was decided here.</p>
      )}
    </div>
  )
  const timing = (
    <Facts
      left
      facts={[
        { name: 'In the queue', value: duration(run.queue_milliseconds) },
        { name: 'Ours', value: duration(run.own_milliseconds) },
        { name: 'Upstream', value: duration(run.upstream_milliseconds) },
        { name: 'Together', value: duration(run.total_milliseconds) },
        { name: 'Sent', value: bytes(run.bytes_out) },
        { name: 'Received', value: bytes(run.bytes_in) },
        { name: 'Content type', value: run.content_type || '–' },
        { name: 'Tokens of the answer', value: run.answer_tokens ?? '–' },
        { name: 'Trace id', value: <code>{run.trace_id ?? '–'}</code> },
        { name: 'Idempotency key', value: <code>{run.idempotency_key ?? '–'}</code> },
      ]}
    />
  )
  const saw = textOf(run.answer)
  return (
    <Tabs
      label="Detail"
      tabs={[
        { id: 'exchange', label: 'Request and answer', content: exchange },
        { id: 'timing', label: 'Timing', content: timing },
        { id: 'agent', label: 'What the agent got', content: saw ? <Code label="What the agent got" json wrap text={saw} /> : <p className="hint">Nothing was kept of what the agent got.</p> },
      ]}
    />
  )
}
