import type { ManifestProblem } from '~/app/api-types'
import type { Manifest } from '~/app/manifest-types'
import { Badge } from '~/design/badge'
import { Button } from '~/design/button'
import { plural } from '~/design/format'
import { Icon } from '~/design/icons'
import { type Where, sections, whereIs } from './sections'

interface ProblemsPanelProps {
  readonly problems: readonly ManifestProblem[]
  readonly manifest: Manifest
  readonly onGo: (where: Where) => void
}

export const isError = (problem: ManifestProblem): boolean => problem.level === 'error'

/** Counts of errors and warnings. */
export function ProblemCounts({ problems }: { readonly problems: readonly ManifestProblem[] }) {
  const errors = problems.filter(isError).length
  const warnings = problems.length - errors
  return (
    <>
      {errors > 0 && (
        <Badge tone="danger" icon="error">
          {plural(errors, 'error')}
        </Badge>
      )}
      {warnings > 0 && (
        <Badge tone="warn" icon="warn">
          {plural(warnings, 'warning')}
        </Badge>
      )}
      {problems.length === 0 && (
        <Badge tone="ok" icon="check">
          none
        </Badge>
      )}
    </>
  )
}

/** What is wrong, and the way to the place where it is mended. */
export function ProblemsPanel({ problems, manifest, onGo }: ProblemsPanelProps) {
  if (problems.length === 0) return <p className="hint panel-empty">Nothing is wrong. The draft can be published.</p>
  return (
    <ul className="list problems">
      {problems.map((problem) => {
        const where = whereIs(problem, manifest)
        const place = [where.operation ?? 'Tool', sections.find((section) => section.id === where.section)?.label].join(' → ')
        return (
          <li key={`${problem.pointer} ${problem.message}`}>
            <span className={isError(problem) ? 'tone-danger' : 'tone-warn'}>
              <Icon name={isError(problem) ? 'error' : 'warn'} />
              <span className="only-spoken">{problem.level}</span>
            </span>
            <span className="grow wrap-anywhere">{problem.message}</span>
            <code className="meta only-wide" title={problem.pointer}>
              {place}
            </code>
            <Button size="small" onClick={() => onGo(where)} aria-label={`Show: ${problem.message}`}>
              Show
            </Button>
          </li>
        )
      })}
    </ul>
  )
}
