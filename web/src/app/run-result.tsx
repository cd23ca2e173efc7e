import { Link } from '@tanstack/react-router'
import { OutcomeBadge } from '~/design/badge'
import { Code, pretty } from '~/design/code'
import { duration } from '~/design/format'
import { Note } from '~/design/parts'
import type { RunAnswer } from './api-types'

/** What one call answered, with the way to its trace. */
export function RunResult({ run, label }: { readonly run: RunAnswer; readonly label: string }) {
  return (
    <section className="stack stack-tight" aria-label={label} aria-live="polite">
      <div className="row row-wrap">
        <OutcomeBadge outcome={run.outcome} />
        {run.status !== null && run.status !== undefined && <span className="strong">{run.status}</span>}
        <span className="hint">{duration(run.duration_milliseconds)}</span>
        <Link className="push" to="/runs/$runId" params={{ runId: run.id }}>
          Open the trace
        </Link>
      </div>
      {run.problem && (
        <Note tone="danger" title={run.problem.title}>
          {run.problem.detail !== run.problem.title && <p>{run.problem.detail}</p>}
          <p className="meta">
            <code>{run.problem.code}</code>
          </p>
        </Note>
      )}
      {run.value !== undefined && run.value !== null && <Code label="Answer" json text={typeof run.value === 'string' ? run.value : pretty(run.value)} />}
    </section>
  )
}
