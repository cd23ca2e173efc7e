import { Link } from '@tanstack/react-router'
import { useCan } from '~/app/session'
import { Badge, Monogram } from '~/design/badge'
import { Button, IconButton } from '~/design/button'
import { Icon } from '~/design/icons'
import { Ago } from '~/design/time'
import type { DraftEditor } from './use-draft-editor'

interface DraftBarProps {
  readonly editor: DraftEditor
  readonly trying: boolean
  readonly onTry: () => void
  readonly onPublish: () => void
}

function SaveMark({ editor }: { readonly editor: DraftEditor }) {
  switch (editor.state) {
    case 'saved':
      return (
        <>
          <span className="tone-ok">
            <Icon name="check" small />
          </span>{' '}
          Saved <span className="only-wide">on the server </span>
          <Ago at={editor.saved.updated_at} />
        </>
      )
    case 'saving':
      return <>Saving…</>
    case 'unsaved':
      return <>Not saved yet</>
    case 'conflict':
      return <span className="tone-warn">Changed by somebody else</span>
    case 'failed':
      return (
        <span className="tone-danger">
          <Icon name="error" small /> Not saved. Kept on this device, tried again by itself.
        </span>
      )
  }
}

/** What is edited, whether the server has it, and the acts on the whole. */
export function DraftBar({ editor, trying, onTry, onPublish }: DraftBarProps) {
  const can = useCan()
  const { manifest, saved } = editor
  return (
    <div className="draft-bar">
      <Link to="/build" className="icon-button only-wide-grid" aria-label="All drafts" title="All drafts">
        <Icon name="chevron-left" />
      </Link>
      <Monogram name={manifest.title || manifest.name} size={24} />
      <h1 className="draft-title clip" title={manifest.title}>
        {manifest.title || manifest.name}
      </h1>
      <span className="only-wide">
        <Badge>{saved.published_version ? `Draft after ${saved.published_version}` : 'Draft'}</Badge>
      </span>
      <span className="meta draft-state" role="status">
        <SaveMark editor={editor} />
      </span>
      <IconButton icon="undo" label="Undo" disabled={!editor.canUndo} onClick={editor.undo} />
      <IconButton icon="redo" label="Redo" disabled={!editor.canRedo} onClick={editor.redo} />
      <span className="row draft-acts">
        {can('drafts:try') && (
          <Button icon="play" aria-expanded={trying} onClick={onTry}>
            Try it
          </Button>
        )}
        {can('tools:publish') && (
          <Button kind="primary" onClick={onPublish}>
            Publish
          </Button>
        )}
      </span>
    </div>
  )
}
