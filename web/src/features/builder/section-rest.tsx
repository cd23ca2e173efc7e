import type { Json, JsonSchema } from '~/app/api-types'
import { JsonField } from '~/app/schema-form/json-field'
import { Check, SelectField, TextArea, TextField } from '~/design/field'
import { Card } from '~/design/parts'
import { inImplementation } from './edits'
import type { SectionProps } from './section-props'

/** What comes back, and what of it the agent gets. */
export function SectionOutput({ operation, readOnly, problemAt, edit }: SectionProps) {
  const { implementation } = operation
  return (
    <Card padded>
      <div className="stack">
        <TextArea
          label="Keep of the answer"
          mono
          optional
          rows={3}
          readOnly={readOnly}
          value={implementation.shape ?? ''}
          placeholder=".items | map({id, total})"
          help="A jq program over the answer. Empty: the answer as it comes. Smaller answers cost the agent fewer tokens."
          problem={problemAt('/implementation/shape')}
          onChange={(event) => edit(inImplementation({ shape: event.target.value || null }), 'shape')}
        />
        {implementation.kind === 'http' && <TextField label="Accepted content type" mono readOnly={readOnly} value={implementation.accept ?? ''} onChange={(event) => edit(inImplementation({ accept: event.target.value }), 'accept')} />}
        <JsonField
          label="Output schema"
          optional
          rows={10}
          value={(operation.output_schema ?? undefined) as Json | undefined}
          help="JSON Schema 2020-12 of what the agent gets."
          problem={problemAt('/output_schema')}
          onChange={(value) => !readOnly && edit((now) => ({ ...now, output_schema: (value ?? null) as JsonSchema | null }), 'output')}
        />
      </div>
    </Card>
  )
}

/** How long and how often. */
export function SectionLimits({ manifest, operation, readOnly, problemAt, edit, editTool }: SectionProps) {
  const { limits } = manifest
  const { retry } = operation.implementation
  const setLimit = (member: keyof typeof limits, text: string, empty: number | null) => {
    const value = text.trim() === '' ? empty : Number(text)
    if (value === null || (!Number.isNaN(value) && value > 0)) editTool((now) => ({ ...now, limits: { ...now.limits, [member]: value } }), member)
  }
  return (
    <>
      <Card title="Repeating" count={<span className="hint">this operation</span>} padded>
        <div className="split-3">
          <TextField label="Attempts" type="number" min={1} max={5} readOnly={readOnly} defaultValue={retry.attempts} problem={problemAt('/retry/attempts')} help="1 to 5; only where repeating is safe." onBlur={(event) => edit(inImplementation({ retry: { ...retry, attempts: Math.min(5, Math.max(1, Math.round(Number(event.target.value)) || 1)) } }))} />
          <TextField label="Pause before the next, seconds" type="number" min={0} max={30} step="0.05" readOnly={readOnly} defaultValue={retry.backoff_seconds} onBlur={(event) => edit(inImplementation({ retry: { ...retry, backoff_seconds: Math.min(30, Math.max(0, Number(event.target.value) || 0)) } }))} />
          <TextField
            label="Statuses"
            readOnly={readOnly}
            defaultValue={retry.statuses.join(', ')}
            help="Separated by commas."
            onBlur={(event) => edit(inImplementation({ retry: { ...retry, statuses: event.target.value.split(/[\s,]+/).map(Number).filter((status) => status >= 100 && status < 600) } }))}
          />
        </div>
      </Card>
      <Card title="Limits" count={<span className="hint">of the whole tool</span>} padded>
        <div className="split-3">
          <TextField label="Time limit, seconds" type="number" min={1} max={300} readOnly={readOnly} defaultValue={limits.timeout_seconds} help="At most 300." onBlur={(event) => setLimit('timeout_seconds', event.target.value, 30)} />
          <TextField label="Largest answer, bytes" type="number" min={1} readOnly={readOnly} defaultValue={limits.response_bytes} onBlur={(event) => setLimit('response_bytes', event.target.value, 4_194_304)} />
          <TextField label="Calls a minute" type="number" optional min={1} readOnly={readOnly} placeholder="no limit" defaultValue={limits.rate_per_minute ?? ''} onBlur={(event) => setLimit('rate_per_minute', event.target.value, null)} />
        </div>
      </Card>
    </>
  )
}

const kinds = [
  { value: 'read', label: 'Reads: nothing changes' },
  { value: 'create', label: 'Creates something' },
  { value: 'update', label: 'Changes something' },
  { value: 'delete', label: 'Deletes something' },
  { value: 'opaque', label: 'Unclear: treat with care' },
]

/** What a call does to the world; agents and installers are told so. */
export function SectionEffects({ operation, readOnly, problemAt, edit }: SectionProps) {
  const { effects } = operation
  const set = (change: Partial<typeof effects>) => edit((now) => ({ ...now, effects: { ...now.effects, ...change } }))
  const setKind = (kind: typeof effects.kind) => set(kind === 'read' ? { kind, read_only: true, destructive: false, idempotent: true } : { kind, read_only: false, destructive: kind === 'delete' || kind === 'opaque' })
  const reads = effects.kind === 'read'
  return (
    <Card padded>
      <div className="stack">
        <SelectField label="What a call does" disabled={readOnly} value={effects.kind} choices={kinds} problem={problemAt('/effects')} onChange={(event) => setKind(event.target.value as typeof effects.kind)} />
        <Check label="Destructive" hint="what it does cannot simply be taken back" disabled={readOnly || reads} checked={effects.destructive} onChange={(event) => set({ destructive: event.target.checked })} />
        <Check label="Idempotent" hint="calling twice does the same as calling once" disabled={readOnly} checked={effects.idempotent} onChange={(event) => set({ idempotent: event.target.checked })} />
        <Check label="Reaches the open world" hint="its answers may hold text that others wrote" disabled={readOnly} checked={effects.open_world} onChange={(event) => set({ open_world: event.target.checked })} />
      </div>
    </Card>
  )
}
