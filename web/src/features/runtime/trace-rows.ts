import type { RunDetail } from '~/app/api-types'

export interface TraceRow {
  readonly id: string
  readonly label: string
  readonly start: number
  readonly length: number
  readonly kind: 'own' | 'upstream' | 'failed' | 'waiting'
  /** Index of the attempt, for rows that are one. */
  readonly attempt?: number
}

/** Shorter pauses than this are not worth a row. */
const SHOWN_MILLISECONDS = 1

function pathOf(url: string): string {
  try {
    return new URL(url).pathname
  } catch {
    return url
  }
}

const failed = (attempt: RunDetail['attempts'][number]): boolean => Boolean(attempt.error) || attempt.status === null || attempt.status >= 400

/** The rows of the waterfall by time: our checks, each attempt, the waiting between attempts, and our work on the answer. */
export function traceRows(run: RunDetail): readonly TraceRow[] {
  const { attempts, queue_milliseconds: queue, total_milliseconds: total } = run
  const rows: TraceRow[] = []
  if (queue > 0) rows.push({ id: 'queue', label: 'Waited for its turn', start: 0, length: queue, kind: 'waiting' })
  // Attempts are timed from the moment the call was ready to leave.
  const spent = attempts.reduce((end, attempt) => Math.max(end, attempt.started_milliseconds + attempt.duration_milliseconds), 0)
  const ours = Math.max(total - queue - spent, 0)
  const ready = queue + ours / 2
  rows.push({ id: 'checks', label: 'Who, what, may it, credential', start: queue, length: attempts.length ? ours / 2 : ours, kind: 'own' })
  attempts.forEach((attempt, index) => {
    const many = attempts.length > 1 ? `, attempt ${index + 1}` : ''
    const start = ready + attempt.started_milliseconds
    rows.push({ id: `attempt-${index}`, label: `${attempt.method} ${pathOf(attempt.url)}${many}`, start, length: attempt.duration_milliseconds, kind: failed(attempt) ? 'failed' : 'upstream', attempt: index })
    const next = attempts[index + 1]
    const end = attempt.started_milliseconds + attempt.duration_milliseconds
    if (next && next.started_milliseconds - end > SHOWN_MILLISECONDS) {
      rows.push({ id: `wait-${index}`, label: 'Wait before trying again', start: ready + end, length: next.started_milliseconds - end, kind: 'waiting' })
    }
  })
  if (attempts.length) rows.push({ id: 'record', label: 'Answer checked and recorded', start: ready + spent, length: ours / 2, kind: 'own' })
  return rows
}
