import { useState } from 'react'
import type { Draft, Manifest } from '~/app/manifest-types'
import { Button } from '~/design/button'
import { pretty } from '~/design/code'
import { Dialog } from '~/design/dialog'
import { Segments } from '~/design/field'
import { plural } from '~/design/format'
import { Note } from '~/design/parts'
import { conflicts, differences, merge } from './merge'

interface ConflictDialogProps {
  readonly base: Manifest
  readonly mine: Manifest
  readonly theirs: Draft
  readonly onResolve: (manifest: Manifest) => void
}

const shown = (value: unknown): string => (value === undefined ? '(not there)' : typeof value === 'string' ? value || '(empty)' : pretty(value))

/** Somebody else wrote meanwhile: both changes are kept, and where they meet one is chosen. */
export function ConflictDialog({ base, mine, theirs, onResolve }: ConflictDialogProps) {
  const disputed = conflicts(base, mine, theirs.manifest)
  const [choices, setChoices] = useState<Record<string, 'mine' | 'theirs'>>({})
  const mineAt = new Set(disputed.map((each) => each.pointer).filter((pointer) => choices[pointer] !== 'theirs'))
  const who = theirs.updated_by || 'Somebody'
  return (
    <Dialog
      title={`${who} changed this draft meanwhile`}
      open
      wide
      firm
      onClose={() => undefined}
      foot={
        <>
          <Button onClick={() => onResolve(theirs.manifest)}>Give up my changes</Button>
          <Button kind="primary" onClick={() => onResolve(merge(base, mine, theirs.manifest, mineAt))}>
            Keep both
          </Button>
        </>
      }
    >
      <div className="stack">
        <p>
          {plural(differences(base, theirs.manifest).length, 'change')} of theirs and {plural(differences(base, mine).length, 'change')} of yours. Nothing is lost:{' '}
          {disputed.length ? 'choose where both changed the same place.' : 'they touch different places and go together.'}
        </p>
        {disputed.length === 0 && <Note tone="ok">No place was changed by both.</Note>}
        {disputed.map((each) => (
          <section key={each.pointer} className="conflict" aria-label={each.pointer}>
            <div className="row row-wrap">
              <code className="strong grow wrap-anywhere">{each.pointer}</code>
              <Segments
                label={`Take for ${each.pointer}`}
                value={choices[each.pointer] ?? 'mine'}
                onChange={(choice) => setChoices({ ...choices, [each.pointer]: choice })}
                choices={[
                  { value: 'mine', label: 'Mine' },
                  { value: 'theirs', label: 'Theirs' },
                ]}
              />
            </div>
            <div className="split">
              <pre className="diff diff-mine">+ {shown(each.mine)}</pre>
              <pre className="diff diff-theirs">~ {shown(each.theirs)}</pre>
            </div>
          </section>
        ))}
      </div>
    </Dialog>
  )
}
