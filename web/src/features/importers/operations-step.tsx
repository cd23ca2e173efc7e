import { useVirtualizer } from '@tanstack/react-virtual'
import { useDeferredValue, useMemo, useRef, useState } from 'react'
import type { Import, ImportOperation } from '~/app/api-types'
import { Badge, EffectBadge } from '~/design/badge'
import { Button } from '~/design/button'
import { count } from '~/design/format'
import { Icon } from '~/design/icons'
import { Note } from '~/design/parts'

interface OperationsStepProps {
  readonly made: Import
  readonly chosen: readonly string[]
  readonly asked: boolean
  readonly onChange: (chosen: string[]) => void
}

const ROW_PIXELS = 52

function matches(operation: ImportOperation, words: readonly string[], tag: string, effect: string): boolean {
  if (tag && !operation.tags.includes(tag)) return false
  if (effect && operation.effects.kind !== effect) return false
  const text = `${operation.name} ${operation.title} ${operation.path ?? ''} ${operation.method ?? ''} ${operation.description}`.toLowerCase()
  return words.every((word) => text.includes(word))
}

interface RowProps {
  readonly operation: ImportOperation
  readonly chosen: boolean
  readonly onToggle: (name: string) => void
}

function OperationRow({ operation, chosen, onToggle }: RowProps) {
  return (
    <label className="check operation-row">
      <input type="checkbox" checked={chosen} onChange={() => onToggle(operation.name)} />
      <span className="grow">
        <span className="row">
          <code className="strong clip">{operation.name}</code>
          {operation.deprecated && <Badge tone="warn">deprecated</Badge>}
          {operation.problems.length > 0 && (
            <Badge tone="warn" icon="warn">
              {operation.problems.length}
            </Badge>
          )}
        </span>
        <span className="meta clip operation-words" title={operation.title}>
          {operation.method && <b className="mono">{operation.method}</b>} {operation.path} {operation.title && `· ${operation.title}`}
        </span>
      </span>
      <EffectBadge kind={operation.effects.kind} />
    </label>
  )
}

/** Which operations become part of the tool; good for a thousand. */
export function OperationsStep({ made, chosen, asked, onChange }: OperationsStepProps) {
  const [text, setText] = useState('')
  const [tag, setTag] = useState('')
  const [effect, setEffect] = useState('')
  const search = useDeferredValue(text)
  const scroller = useRef<HTMLDivElement>(null)
  const tags = useMemo(() => [...new Set(made.operations.flatMap((operation) => operation.tags))].sort(), [made])
  const kinds = useMemo(() => [...new Set(made.operations.map((operation) => operation.effects.kind))].sort(), [made])
  const shown = useMemo(() => {
    const words = search.toLowerCase().split(/\s+/).filter(Boolean)
    return made.operations.filter((operation) => matches(operation, words, tag, effect))
  }, [made, search, tag, effect])
  const set = useMemo(() => new Set(chosen), [chosen])
  const rows = useVirtualizer({ count: shown.length, getScrollElement: () => scroller.current, estimateSize: () => ROW_PIXELS, overscan: 8 })
  const toggle = (name: string) => onChange(set.has(name) ? chosen.filter((each) => each !== name) : [...chosen, name])
  const everyShown = shown.length > 0 && shown.every((operation) => set.has(operation.name))
  const names = new Set(shown.map((operation) => operation.name))
  const toggleShown = () => onChange(everyShown ? chosen.filter((name) => !names.has(name)) : [...new Set([...chosen, ...names])])
  return (
    <>
      {asked && chosen.length === 0 && (
        <Note tone="danger" title="Choose at least one operation." alert>
          Each becomes one thing that an agent can call. More can be added to the draft later.
        </Note>
      )}
      <section className="card operations" aria-label="Operations">
        <div className="card-head">
          <div className="input-search grow operations-search">
            <Icon name="search" />
            <input className="input" type="search" aria-label="Search operations" data-page-search placeholder="Name, path or words" value={text} onChange={(event) => setText(event.target.value)} />
          </div>
          {tags.length > 1 && (
            <select className="input input-auto" aria-label="Tag" value={tag} onChange={(event) => setTag(event.target.value)}>
              <option value="">All tags</option>
              {tags.map((each) => (
                <option key={each}>{each}</option>
              ))}
            </select>
          )}
          <select className="input input-auto" aria-label="Effect" value={effect} onChange={(event) => setEffect(event.target.value)}>
            <option value="">All effects</option>
            {kinds.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
          <Button size="small" onClick={toggleShown}>
            {everyShown ? 'Clear all shown' : 'Select all shown'}
          </Button>
          <span className="meta" role="status">
            {count(chosen.length)} chosen, {count(shown.length)} of {count(made.operations.length)} shown
          </span>
        </div>
        <div className="operations-list" ref={scroller} tabIndex={-1}>
          {shown.length === 0 && <p className="hint operations-none">No operation matches. Use fewer words or another tag.</p>}
          <ul style={{ height: rows.getTotalSize(), position: 'relative' }}>
            {rows.getVirtualItems().map((row) => {
              const operation = shown[row.index]
              if (!operation) return null
              return (
                <li key={operation.name} className="operations-item" style={{ height: row.size, transform: `translateY(${row.start}px)` }}>
                  <OperationRow operation={operation} chosen={set.has(operation.name)} onToggle={toggle} />
                </li>
              )
            })}
          </ul>
        </div>
      </section>
    </>
  )
}
