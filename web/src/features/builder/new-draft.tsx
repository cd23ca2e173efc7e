import { type FormEvent, useState } from 'react'
import { fieldProblem } from '~/app/problem'
import { ProblemNote } from '~/app/problem-note'
import { useSession } from '~/app/session'
import { Button } from '~/design/button'
import { TextField } from '~/design/field'
import { useCreateEmptyDraft } from './queries'

interface NewDraftProps {
  readonly onMade: (draftId: string) => void
  readonly onCancel: () => void
}

const slugOf = (title: string): string => title.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 48)

/** A draft without operations, for an API that has no description. */
export function NewDraft({ onMade, onCancel }: NewDraftProps) {
  const { organisation } = useSession()
  const [title, setTitle] = useState('')
  const [asked, setAsked] = useState(false)
  const create = useCreateEmptyDraft()
  const slug = slugOf(title)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setAsked(true)
    if (slug) create.mutate({ name: `${organisation.slug}/${slug}`, title: title.trim() }, { onSuccess: (draft) => onMade(draft.id) })
  }
  return (
    <form className="stack" onSubmit={submit} noValidate>
      <ProblemNote error={create.error} title="The draft was not made." />
      <TextField
        label="Title"
        autoFocus
        value={title}
        help={`Its name will be ${organisation.slug}/${slug || '…'}`}
        problem={asked && !slug ? 'Give the tool a title with letters or digits.' : fieldProblem(create.error, 'name')}
        onChange={(event) => setTitle(event.target.value)}
      />
      <div className="row push">
        <Button onClick={onCancel}>Cancel</Button>
        <Button kind="primary" type="submit" busy={create.isPending}>
          Make the draft
        </Button>
      </div>
    </form>
  )
}
