import type { ManifestProblem, Note } from '~/app/api-types'
import type { Manifest } from '~/app/manifest-types'
import { Badge } from '~/design/badge'
import { Button } from '~/design/button'
import { plural } from '~/design/format'
import { Icon } from '~/design/icons'
import { type Where, sections, whereIs } from './sections'

interface ProblemsPanelProps {
  readonly problems: readonly ManifestProblem[]
  /** What the import simplified or left out. */
  readonly notes: readonly Note[]
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

/** More notes than this tell nothing new. */
const SHOWN = 100

/** What is wrong, and the way to the place where it is mended. */
export function ProblemsPanel({ problems, notes, manifest, onGo }: ProblemsPanelProps) {
  const kept = notes.filter((note) => !note.operation || manifest.operations.some((operation) => operation.name === note.operation))
  return (
    <ul className="list problems">
      {problems.length === 0 && <li className="hint">Nothing is wrong. The draft can be published.</li>}
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
      {kept.slice(0, SHOWN).map((note, index) => (
        <li key={index}>
          <span className="tone-info">
            <Icon name="info" />
          </span>
          <span className="grow wrap-anywhere">{note.message}</span>
          <code className="meta only-wide">{note.operation ?? 'import'}</code>
        </li>
      ))}
    </ul>
  )
}
