import type { Import } from '~/app/api-types'
import { ProblemNote } from '~/app/problem-note'
import { EffectBadge } from '~/design/badge'
import { plural } from '~/design/format'
import { Icon } from '~/design/icons'
import { Card, Note } from '~/design/parts'

interface ReviewStepProps {
  readonly made: Import
  readonly chosen: readonly string[]
  readonly error: unknown
}

const SHOWN = 200

/** The draft before it is made, with everything that was simplified or left out. */
export function ReviewStep({ made, chosen, error }: ReviewStepProps) {
  const set = new Set(chosen)
  const operations = made.operations.filter((operation) => set.has(operation.name))
  const notes = made.notes.filter((note) => !note.operation || set.has(note.operation))
  return (
    <>
      <ProblemNote error={error} title="The draft was not made." />
      <Card title="Operations" count={<span className="hint">{operations.length}</span>}>
        <ul className="list">
          {operations.slice(0, SHOWN).map((operation) => (
            <li key={operation.name}>
              <span className="grow">
                <code className="strong">{operation.name}</code>
                <span className="meta operation-words clip">{operation.title || operation.description}</span>
              </span>
              <EffectBadge kind={operation.effects.kind} />
            </li>
          ))}
        </ul>
        {operations.length > SHOWN && <p className="hint card-body">and {plural(operations.length - SHOWN, 'more', 'more')}</p>}
      </Card>
      <Card title="What was simplified or left out" count={<span className="hint">{notes.length}</span>}>
        {notes.length === 0 ? (
          <div className="card-body">
            <Note tone="ok">Everything in the description could be carried over.</Note>
          </div>
        ) : (
          <ul className="list">
            {notes.slice(0, SHOWN).map((note, index) => (
              <li key={index}>
                <span className={note.level === 'warning' ? 'tone-warn' : 'tone-info'}>
                  <Icon name={note.level === 'warning' ? 'warn' : 'info'} />
                </span>
                <span className="grow wrap-anywhere">
                  {note.message}
                  <span className="meta"> {note.operation ?? note.pointer}</span>
                </span>
              </li>
            ))}
          </ul>
        )}
      </Card>
    </>
  )
}
