import { type ReactNode, useEffect, useState } from 'react'
import { Loaded, PageName } from '~/app/page'
import { ProblemNote } from '~/app/problem-note'
import { useCan } from '~/app/session'
import { toast } from '~/app/toasts'
import type { Draft } from '~/app/manifest-types'
import { Note } from '~/design/parts'
import { type Bottom, BottomPanel } from './bottom-panel'
import { BuilderSide } from './builder-side'
import { ConflictDialog } from './conflict-dialog'
import { DraftBar } from './draft-bar'
import { freeName, newOperation } from './edits'
import { OperationEditor } from './operation-editor'
import { PreviewPanel } from './preview-panel'
import { PublishDialog } from './publish-dialog'
import { useDraft } from './queries'
import type { Where } from './sections'
import { ToolBasics } from './tool-basics'
import type { TryCredential } from './try-panel'
import { useDraftEditor } from './use-draft-editor'
import './builder.css'

export interface DraftPageProps {
  readonly draftId: string
  readonly where: Where | undefined
  readonly onGo: (where: Where) => void
  readonly picker: (credential: TryCredential) => ReactNode
  readonly categories: readonly (readonly [string, string])[]
}

function useUndoKeys(undo: () => void, redo: () => void) {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'z') return
      event.preventDefault()
      event.stopPropagation()
      if (event.shiftKey) redo()
      else undo()
    }
    window.addEventListener('keydown', press, { capture: true })
    return () => window.removeEventListener('keydown', press, { capture: true })
  }, [undo, redo])
}

function Editor({ draft, where: asked, onGo, picker, categories }: { readonly draft: Draft } & Omit<DraftPageProps, 'draftId'>) {
  const editor = useDraftEditor(draft)
  const { manifest, saved, edit } = editor
  const readOnly = !useCan()('drafts:write')
  const [bottom, setBottom] = useState<Bottom>('closed')
  const [publishing, setPublishing] = useState(false)
  useUndoKeys(editor.undo, editor.redo)
  const first = manifest.operations[0]?.name
  const known = asked?.operation === undefined || manifest.operations.some((each) => each.name === asked.operation)
  const where: Where = asked && known ? asked : first ? { operation: first, section: 'basics' } : { section: 'basics' }
  const operation = manifest.operations.find((each) => each.name === where.operation)

  const add = () => {
    const name = freeName('new_operation', manifest.operations.map((each) => each.name))
    edit((now) => ({ ...now, operations: [...now.operations, newOperation(name, now.operations[0]?.implementation.server ?? '')] }))
    onGo({ operation: name, section: 'basics' })
  }
  const remove = (name: string) => {
    edit((now) => ({ ...now, operations: now.operations.filter((each) => each.name !== name) }))
    onGo({ section: 'basics' })
    toast(`${name} is removed`, editor.undo)
  }
  const rename = (from: string, to: string) => {
    edit((now) => ({ ...now, operations: now.operations.map((each) => (each.name === from ? { ...each, name: to } : each)) }))
    onGo({ operation: to, section: where.section })
  }
  const publish = async () => {
    if (await editor.flush()) setPublishing(true)
  }
  const toggle = (panel: Bottom) => setBottom((now) => (now === panel ? 'closed' : panel))

  return (
    <div className="builder">
      <PageName title={manifest.title || manifest.name} crumbs={[{ label: 'Build', to: '/build' }]} />
      <DraftBar editor={editor} trying={bottom === 'try'} onTry={() => toggle('try')} onPublish={() => void publish()} />
      <BuilderSide manifest={manifest} problems={saved.problems} where={where} readOnly={readOnly} onGo={onGo} onAdd={add} />
      <div className="builder-form">
        {readOnly && <Note>Your role can read drafts, not change them.</Note>}
        <ProblemNote error={editor.error} title={editor.error ? 'The last change is not saved.' : undefined} />
        {operation ? (
          <OperationEditor manifest={manifest} operation={operation} section={where.section} problems={saved.problems} readOnly={readOnly} edit={edit} onRename={(to) => rename(operation.name, to)} onRemove={() => remove(operation.name)} />
        ) : (
          <>
            <h2>The tool itself</h2>
            <ToolBasics manifest={manifest} problems={saved.problems} readOnly={readOnly} categories={categories} edit={edit} />
          </>
        )}
      </div>
      {operation ? (
        <PreviewPanel key={operation.name} draftId={draft.id} operation={operation.name} revision={saved.revision} state={editor.state} hidden={Object.keys(operation.fixed_inputs)} />
      ) : (
        <aside className="builder-preview" aria-label="What the agent sees">
          <h2>What the agent sees</h2>
          <p className="hint">Choose an operation. Of the tool itself agents see nothing; people see it in the market.</p>
        </aside>
      )}
      <BottomPanel editor={editor} operation={operation} open={bottom} onToggle={toggle} onGo={onGo} picker={picker} />
      {editor.theirs && <ConflictDialog key={editor.theirs.revision} base={saved.manifest} mine={manifest} theirs={editor.theirs} onResolve={editor.resolve} />}
      {publishing && <PublishDialog draftId={draft.id} onClose={() => setPublishing(false)} />}
    </div>
  )
}

/** Edit one tool before it is published. */
export function DraftPage({ draftId, ...rest }: DraftPageProps) {
  const draft = useDraft(draftId)
  if (draft.data) return <Editor key={draftId} draft={draft.data} {...rest} />
  return (
    <div className="page">
      <PageName title="Draft" crumbs={[{ label: 'Build', to: '/build' }]} />
      <h1 className="only-spoken">Draft</h1>
      <Loaded query={draft} rows={10} failure="The draft could not be read.">
        {() => null}
      </Loaded>
    </div>
  )
}
