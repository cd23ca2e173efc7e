import { useState } from 'react'
import { ProblemNote } from '~/app/problem-note'
import { Badge } from '~/design/badge'
import { Code, pretty } from '~/design/code'
import { count } from '~/design/format'
import { Skeleton } from '~/design/parts'
import { usePreview } from './queries'
import type { SaveState } from './use-draft-editor'

interface PreviewPanelProps {
  readonly draftId: string
  readonly operation: string
  readonly revision: number
  readonly state: SaveState
  readonly hidden: readonly string[]
}

const forms = [
  { value: 'mcp', label: 'MCP' },
  { value: 'openai', label: 'OpenAI' },
  { value: 'anthropic', label: 'Anthropic' },
  { value: 'gemini', label: 'Gemini' },
] as const

type Form = (typeof forms)[number]['value']

function Change({ tokens, first }: { readonly tokens: number; readonly first: number }) {
  const change = tokens - first
  if (change === 0) return null
  return <span className={change > 0 ? 'tone-warn' : 'tone-ok'}>{change > 0 ? `+${change}` : `−${-change}`} since you opened it</span>
}

/** Exactly what the model gets for the chosen operation, counted. */
export function PreviewPanel({ draftId, operation, revision, state, hidden }: PreviewPanelProps) {
  const [form, setForm] = useState<Form>('mcp')
  const preview = usePreview(draftId, operation, revision)
  const [first, setFirst] = useState<{ operation: string; tokens: number }>()
  const { data } = preview
  if (data && !preview.isPlaceholderData && first?.operation !== operation) setFirst({ operation, tokens: data.tokens })
  const fresh = state === 'saved' && !preview.isFetching
  return (
    <aside className="builder-preview" aria-label="What the agent sees">
      <div className="row">
        <h2>What the agent sees</h2>
        <span className="push">{fresh ? <Badge tone="ok" icon="dot">live</Badge> : <Badge icon="refresh">follows</Badge>}</span>
      </div>
      <div className="row row-wrap">
        <select className="input input-small preview-form" aria-label="Shown as" value={form} onChange={(event) => setForm(event.target.value as Form)}>
          {forms.map((each) => (
            <option key={each.value} value={each.value}>
              {each.label}
            </option>
          ))}
        </select>
        {data && (
          <span className="push" title={`Counted with ${data.counter}`} role="status">
            <strong>{count(data.tokens)}</strong> tokens <Change tokens={data.tokens} first={first?.operation === operation ? first.tokens : data.tokens} />
          </span>
        )}
      </div>
      {preview.error && !data && <ProblemNote error={preview.error} title="The preview could not be made." onRetry={() => void preview.refetch()} />}
      {!data && !preview.error && <Skeleton rows={6} />}
      {data && <Code label="What the agent sees" json wrap text={pretty(data[form])} />}
      <p className="meta">
        Exactly what <code>tools/list</code> answers, before the alias.{' '}
        {hidden.length > 0 && (
          <>
            Hidden from the agent: <code>{hidden.join(', ')}</code>.
          </>
        )}
      </p>
    </aside>
  )
}
