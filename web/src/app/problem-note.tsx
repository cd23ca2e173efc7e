import type { ReactNode } from 'react'
import { Button } from '~/design/button'
import { Note } from '~/design/parts'
import { problemOf } from './problem'

interface ProblemNoteProps {
  readonly error: unknown
  /** What could not be done, when the server's title does not say it: "The list of runs could not be read." */
  readonly title?: string
  readonly onRetry?: () => void
  readonly actions?: ReactNode
}

/** What happened, what it means, what to do; the code small at the end. */
export function ProblemNote({ error, title, onRetry, actions }: ProblemNoteProps) {
  if (!error) return null
  const problem = problemOf(error)
  const first = title ?? problem.title
  // Asking again does not change what one may see.
  const retry = [403, 404].includes(problem.status) ? undefined : onRetry
  const detail = problem.detail && problem.detail !== first ? problem.detail : title ? problem.title : undefined
  return (
    <Note
      tone="danger"
      title={first}
      alert
      actions={
        (retry || actions) && (
          <>
            {retry && (
              <Button size="small" icon="refresh" onClick={retry}>
                Try again
              </Button>
            )}
            {actions}
          </>
        )
      }
    >
      {detail && <p>{detail}</p>}
      {problem.errors?.map((each) => (
        <p key={`${each.pointer} ${each.message}`}>
          {each.pointer && <code>{each.pointer}</code>} {each.message}
        </p>
      ))}
      <p className="meta">
        {problem.status > 0 && `${problem.status} · `}
        <code>{problem.code}</code>
        {problem.pointer && (
          <>
            {' '}
            at <code>{problem.pointer}</code>
          </>
        )}
      </p>
    </Note>
  )
}
