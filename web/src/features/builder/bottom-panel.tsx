import { type ReactNode, useEffect, useRef } from 'react'
import type { Operation } from '~/app/manifest-types'
import { Icon } from '~/design/icons'
import { ProblemCounts, ProblemsPanel } from './problems-panel'
import type { Where } from './sections'
import { type TryCredential, TryPanel } from './try-panel'
import type { DraftEditor } from './use-draft-editor'

export type Bottom = 'closed' | 'problems' | 'try'

interface BottomPanelProps {
  readonly editor: DraftEditor
  readonly operation: Operation | undefined
  readonly open: Bottom
  readonly onToggle: (panel: Bottom) => void
  readonly onGo: (where: Where) => void
  readonly picker: (credential: TryCredential) => ReactNode
}

/** Problems and the try-it panel, under the form. */
export function BottomPanel({ editor, operation, open, onToggle, onGo, picker }: BottomPanelProps) {
  const { manifest, saved } = editor
  const panel = useRef<HTMLElement>(null)
  useEffect(() => {
    // On narrow screens the panel lies below the form.
    if (open !== 'closed') panel.current?.scrollIntoView({ block: 'nearest' })
  }, [open])
  return (
    <section ref={panel} className={`builder-bottom builder-bottom-${open}`} aria-label={open === 'try' ? 'Try it' : 'Problems'}>
      <div className="bottom-head">
        <button type="button" className="bottom-tab" aria-expanded={open === 'problems'} onClick={() => onToggle('problems')}>
          Problems <ProblemCounts problems={saved.problems} />
        </button>
        <button type="button" className="bottom-tab" aria-expanded={open === 'try'} onClick={() => onToggle('try')}>
          Try {operation ? <code>{operation.name}</code> : 'an operation'}
        </button>
        <span className="meta push only-wide">Errors stop publishing; the draft is kept.</span>
        <Icon name={open === 'closed' ? 'chevron-up' : 'chevron-down'} />
      </div>
      {open === 'problems' && <ProblemsPanel problems={saved.problems} notes={saved.notes} manifest={manifest} onGo={onGo} />}
      {open === 'try' &&
        (operation ? (
          <TryPanel key={operation.name} draftId={saved.id} manifest={manifest} operation={operation} flush={editor.flush} picker={picker} />
        ) : (
          <p className="hint panel-empty">Choose an operation on the left.</p>
        ))}
    </section>
  )
}
