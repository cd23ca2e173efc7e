import { useState } from 'react'
import type { InstalledOperation, JsonObject } from '~/app/api-types'
import { fieldProblem } from '~/app/problem'
import { ProblemNote } from '~/app/problem-note'
import { RunResult } from '~/app/run-result'
import { SchemaForm } from '~/app/schema-form/schema-form'
import { initialValue } from '~/app/schema-form/schema'
import { useCan } from '~/app/session'
import { useRemembered } from '~/app/storage'
import { EffectBadge } from '~/design/badge'
import { Button } from '~/design/button'
import { Check } from '~/design/field'
import { useCallOperation } from './queries'

interface CallPanelProps {
  readonly installationId: string
  readonly operation: InstalledOperation
}

const acts: Record<string, string> = { create: 'creates something', update: 'changes something', delete: 'deletes something', opaque: 'may change something' }

/** Call one operation as an agent would. What it does to the world stands beside the button. */
export function CallPanel({ installationId, operation }: CallPanelProps) {
  const begin = operation.example_input ?? initialValue(operation.input_schema)
  const [input, setInput] = useRemembered<JsonObject>(`call:${installationId}:${operation.name}`, begin)
  const [agreed, setAgreed] = useState(false)
  const [asked, setAsked] = useState(false)
  const call = useCallOperation(installationId, operation.name)
  const may = useCan()('runs:create')
  const act = acts[operation.effects.kind]
  const run = () => {
    setAsked(true)
    if (!act || agreed) call.mutate(input)
  }
  return (
    <div className="call-panel">
      <div className="stack">
        <SchemaForm
          schema={operation.input_schema}
          value={input}
          label="Arguments"
          nothing="This operation takes no arguments."
          problemAt={(pointer) => fieldProblem(call.error, pointer.slice(1))}
          onChange={setInput}
        />
        {act && <Check label={`I know that this call ${act} at the outside service`} checked={agreed} onChange={(event) => setAgreed(event.target.checked)} aria-invalid={(asked && !agreed) || undefined} />}
        <div className="row">
          <Button kind="primary" icon="play" busy={call.isPending} disabled={!may} onClick={run}>
            {call.isPending ? 'Calling…' : `Call ${operation.name}`}
          </Button>
          <EffectBadge kind={operation.effects.kind} />
          {!may && <span className="meta">Your role cannot call operations.</span>}
          {asked && act && !agreed && (
            <span className="tone-danger" role="alert">
              Say first that you know what it does.
            </span>
          )}
        </div>
      </div>
      <div className="stack">
        <ProblemNote error={call.error} />
        {call.data ? <RunResult run={call.data} label="Result of the call" /> : !call.error && <p className="hint">The answer appears here, and the call among the runs.</p>}
      </div>
    </div>
  )
}
