import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { Publication, Published } from '~/app/manifest-types'
import { Loaded } from '~/app/page'
import { fieldProblem } from '~/app/problem'
import { ProblemNote } from '~/app/problem-note'
import { Badge, type Tone } from '~/design/badge'
import { Button, buttonClass } from '~/design/button'
import { Dialog } from '~/design/dialog'
import { TextArea, TextField } from '~/design/field'
import { plural } from '~/design/format'
import { Note } from '~/design/parts'
import { isError } from './problems-panel'
import { usePublication, usePublish } from './queries'

interface PublishDialogProps {
  readonly draftId: string
  readonly onClose: () => void
}

const groups: readonly (readonly [string, string, Tone])[] = [
  ['widened', 'Widened', 'danger'],
  ['breaking', 'Breaking', 'warn'],
  ['additive', 'Added', 'ok'],
  ['metadata', 'Words', 'neutral'],
]
const signs: Record<string, string> = { widened: '!', breaking: '−', additive: '+', metadata: '~' }

function Changes({ publication }: { readonly publication: Publication }) {
  if (!publication.previous_version) return <Note>The first version. Nobody uses it yet.</Note>
  if (publication.changes.length === 0) return <Note>Nothing changed since {publication.previous_version}.</Note>
  return (
    <ul className="stack stack-tight" aria-label={`Changes since ${publication.previous_version}`}>
      {groups.flatMap(([kind, label, tone]) =>
        publication.changes
          .filter((change) => change.kind === kind)
          .map((change) => (
            <li key={`${change.pointer} ${change.message}`} className="row row-top">
              <Badge tone={tone}>
                {signs[kind]} {label}
              </Badge>
              <span className="grow wrap-anywhere">
                {change.message} <code className="meta">{change.pointer}</code>
              </span>
            </li>
          )),
      )}
    </ul>
  )
}

function PublishForm({ draftId, publication, onDone, onClose }: { readonly draftId: string; readonly publication: Publication; readonly onDone: (published: Published) => void; readonly onClose: () => void }) {
  const [version, setVersion] = useState(publication.suggested_version)
  const [notes, setNotes] = useState('')
  const publish = usePublish(draftId)
  const errors = publication.problems.filter(isError)
  const submit = () => publish.mutate({ version: version.trim(), notes: notes.trim() || undefined }, { onSuccess: onDone })
  return (
    <div className="stack">
      <ProblemNote error={publish.error} title={publish.error ? 'The version was not published.' : undefined} />
      {errors.length > 0 && (
        <Note tone="danger" title={`${plural(errors.length, 'error')} must be mended first.`}>
          {errors.slice(0, 5).map((problem) => (
            <p key={problem.pointer + problem.message}>
              {problem.message} <code className="meta">{problem.pointer}</code>
            </p>
          ))}
        </Note>
      )}
      <TextField
        label="Version"
        mono
        value={version}
        onChange={(event) => setVersion(event.target.value)}
        help={publication.previous_version ? `After ${publication.previous_version}. Suggested from what changed: ${publication.suggested_version}.` : 'Three numbers: breaking, added, mended.'}
        problem={fieldProblem(publish.error, 'version')}
      />
      <div className="stack stack-tight">
        <h3>Changes</h3>
        <Changes publication={publication} />
      </div>
      <TextArea label="Notes" optional rows={3} value={notes} onChange={(event) => setNotes(event.target.value)} help="Shown beside the version." />
      <div className="row push">
        <Button onClick={onClose}>Cancel</Button>
        <Button kind="primary" icon="publish" busy={publish.isPending} disabled={errors.length > 0} onClick={submit}>
          {publish.isPending ? 'Publishing…' : `Publish ${version}`}
        </Button>
      </div>
    </div>
  )
}

/** From the draft to a version that does not change any more. */
export function PublishDialog({ draftId, onClose }: PublishDialogProps) {
  const publication = usePublication(draftId)
  const [done, setDone] = useState<Published>()
  return (
    <Dialog title={done ? `Published ${done.version}` : 'Publish to your organisation'} open onClose={onClose}>
      {done ? (
        <div className="stack">
          <Note tone="ok" title={`${done.tool} ${done.version} is in the market.`}>
            Members of your organisation can install it. Agents call it once it is installed.
          </Note>
          <div className="row push">
            <Button onClick={onClose}>Go on editing</Button>
            <Link className={buttonClass({ kind: 'primary' })} to={`/market/t/${done.tool}/install`}>
              Install it
            </Link>
          </div>
        </div>
      ) : (
        <Loaded query={publication} failure="What changed could not be worked out.">
          {(data) => <PublishForm draftId={draftId} publication={data} onDone={setDone} onClose={onClose} />}
        </Loaded>
      )}
    </Dialog>
  )
}
