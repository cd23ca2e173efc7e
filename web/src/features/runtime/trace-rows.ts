import type { RunDetail } from '~/app/api-types'

export interface TraceRow {
  readonly id: string
  readonly label: string
  readonly start: number
  readonly length: number
  readonly kind: 'own' | 'upstream' | 'failed' | 'waiting'
  /** Index of the attempt, for rows that are one. */
  readonly attempt?: number
  readonly detail?: string
}

const words: Record<string, string> = {
  received: 'Request received',
  who: 'Who',
  what: 'What',
  may: 'May it',
  can: 'Can it',
  credential: 'Credential',
  intent: 'Intent written',
  execute: 'Call',
  check: 'Check the answer',
  record: 'Recorded',
}

function pathOf(url: string): string {
  try {
    return new URL(url).pathname
  } catch {
    return url
  }
}

const textOf = (detail: unknown): string | undefined => (detail === null || detail === undefined || detail === '' ? undefined : typeof detail === 'string' ? detail : JSON.stringify(detail))

/** The rows of the waterfall: our own steps, each attempt, and the waiting between attempts, by time. */
export function traceRows(run: RunDetail): readonly TraceRow[] {
  const rows: TraceRow[] = run.spans
    .filter((span) => run.attempts.length === 0 || !['execute', 'upstream'].includes(span.name))
    .map((span, index) => ({
      id: `span-${index}`,
      label: words[span.name] ?? span.name,
      start: span.started_milliseconds,
      length: span.duration_milliseconds,
      kind: 'own',
      detail: textOf(span.detail),
    }))
  run.attempts.forEach((attempt, index) => {
    const failed = Boolean(attempt.error) || attempt.status === null || attempt.status >= 400
    const many = run.attempts.length > 1 ? `, attempt ${index + 1}` : ''
    rows.push({
      id: `attempt-${index}`,
      label: `${attempt.method} ${pathOf(attempt.url)}${many}`,
      start: attempt.started_milliseconds,
      length: attempt.duration_milliseconds,
      kind: failed ? 'failed' : 'upstream',
      attempt: index,
    })
    const next = run.attempts[index + 1]
    const end = attempt.started_milliseconds + attempt.duration_milliseconds
    if (next && next.started_milliseconds - end > 1) {
      rows.push({ id: `wait-${index}`, label: 'Wait', start: end, length: next.started_milliseconds - end, kind: 'waiting' })
    }
  })
  return rows.sort((a, b) => a.start - b.start)
}
