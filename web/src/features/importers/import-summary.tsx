import type { Import } from '~/app/api-types'
import { EffectBadge } from '~/design/badge'
import { Icon } from '~/design/icons'
import { Facts } from '~/design/parts'
import type { Answers } from './answers'

interface ImportSummaryProps {
  readonly made: Import | undefined
  readonly answers: Answers
  readonly namespace: string
}

/** What will be the result. */
export function ImportSummary({ made, answers, namespace }: ImportSummaryProps) {
  if (!made) {
    return (
      <>
        <h2>What happens</h2>
        <p>The server reads the description and proposes operations with names that a model understands, what each does to the world, and the hosts it may reach.</p>
        <p>You choose which to keep, and edit them in a draft.</p>
      </>
    )
  }
  const set = new Set(answers.chosen)
  const kinds = new Map<string, number>()
  for (const operation of made.operations) if (set.has(operation.name)) kinds.set(operation.effects.kind, (kinds.get(operation.effects.kind) ?? 0) + 1)
  return (
    <>
      <h2>What will be made</h2>
      <Facts
        facts={[
          { name: 'Tool', value: <code>{`${namespace}/${answers.slug}`}</code> },
          { name: 'Title', value: answers.title },
          { name: 'Operations', value: `${answers.chosen.length} of ${made.operations.length}` },
          { name: 'Notes', value: made.notes.length },
        ]}
      />
      <hr />
      <h3>It will be able to</h3>
      <ul className="stack stack-tight">
        {[...kinds].map(([kind, number]) => (
          <li key={kind} className="row">
            <EffectBadge kind={kind} />
            <span className="hint">{number}</span>
          </li>
        ))}
      </ul>
      <hr />
      <h3>It will talk to</h3>
      <ul className="stack stack-tight">
        {made.hosts.map((host) => (
          <li key={host} className="row">
            <Icon name="globe" />
            <code className="wrap-anywhere">{host}</code>
          </li>
        ))}
      </ul>
    </>
  )
}
