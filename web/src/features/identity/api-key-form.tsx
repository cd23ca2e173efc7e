import { type FormEvent, useState } from 'react'
import type { ApiKey } from '~/app/api-types'
import { fieldProblem } from '~/app/problem'
import { ProblemNote } from '~/app/problem-note'
import { Button } from '~/design/button'
import { Code } from '~/design/code'
import { SelectField, TextField } from '~/design/field'
import { Note } from '~/design/parts'
import { useCreateKey } from './queries'

interface ApiKeyFormProps {
  readonly suggestedName?: string
  readonly onCreated?: (key: ApiKey & { key: string }) => void
}

const lifetimes = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'A year' },
]

/** Make a key; its text is shown once, here. */
export function ApiKeyForm({ suggestedName = '', onCreated }: ApiKeyFormProps) {
  const [name, setName] = useState(suggestedName)
  const [days, setDays] = useState('90')
  const [asked, setAsked] = useState(false)
  const create = useCreateKey()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setAsked(true)
    if (name.trim() && !create.isPending) create.mutate({ name: name.trim(), expires_in_days: Number(days) }, { onSuccess: onCreated })
  }
  if (create.data) {
    return (
      <div className="stack stack-tight">
        <Note tone="ok" title={`The key “${create.data.name}” is ready.`}>
          Copy it now: it is shown only this once.
        </Note>
        <Code label="API key" text={create.data.key} wrap />
      </div>
    )
  }
  return (
    <form className="stack" onSubmit={submit} noValidate>
      <ProblemNote error={create.error} title="The key was not made." />
      <div className="split">
        <TextField
          label="Name of the key"
          value={name}
          onChange={(event) => setName(event.target.value)}
          help="Runs show this name as who called."
          problem={asked && !name.trim() ? 'Give the key a name, such as the agent that uses it.' : fieldProblem(create.error, 'name')}
        />
        <SelectField label="Ends after" choices={lifetimes} value={days} onChange={(event) => setDays(event.target.value)} />
      </div>
      <div className="row">
        <Button kind="primary" icon="key" type="submit" busy={create.isPending}>
          Create the key
        </Button>
      </div>
    </form>
  )
}
