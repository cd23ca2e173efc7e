import { type FormEvent, useState } from 'react'
import type { Connection } from '~/app/api-types'
import { fieldProblem } from '~/app/problem'
import { ProblemNote } from '~/app/problem-note'
import { useCan } from '~/app/session'
import { Button } from '~/design/button'
import { Check, SelectField, TextArea, TextField } from '~/design/field'
import { type Kind, kindWords } from './kinds'
import { useCreateConnection } from './queries'
import { SecretInputs, secretComplete } from './secret-inputs'

interface ConnectionFormProps {
  readonly kind?: Kind
  readonly name?: string
  readonly hosts?: readonly string[]
  readonly onMade: (connection: Connection) => void
  readonly onCancel: () => void
}

const lines = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean)

function Scope({ value, onChange }: { readonly value: Connection['scope']; readonly onChange: (scope: Connection['scope']) => void }) {
  const shared = useCan()('connections:manage')
  return (
    <fieldset>
      <legend className="field-label">Who may use it</legend>
      <div className="row row-wrap row-loose">
        <Check kind="radio" name="scope" label="Everybody" hint={shared ? 'in the organisation' : 'needs the right to keep shared connections'} disabled={!shared} checked={value === 'shared'} onChange={() => onChange('shared')} />
        <Check kind="radio" name="scope" label="Only me" checked={value === 'personal'} onChange={() => onChange('personal')} />
      </div>
    </fieldset>
  )
}

/** Store a credential. */
export function ConnectionForm({ kind: fixedKind, name: suggested = '', hosts: fixedHosts, onMade, onCancel }: ConnectionFormProps) {
  const mayShare = useCan()('connections:manage')
  const [kind, setKind] = useState<Kind>(fixedKind ?? 'api_key')
  const [name, setName] = useState(suggested)
  const [scope, setScope] = useState<Connection['scope']>(mayShare ? 'shared' : 'personal')
  const [hosts, setHosts] = useState((fixedHosts ?? []).join('\n'))
  const [secret, setSecret] = useState<Record<string, string>>({})
  const [asked, setAsked] = useState(false)
  const create = useCreateConnection()
  const ready = name.trim() && lines(hosts).length > 0 && secretComplete(kind, secret)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    event.stopPropagation()
    setAsked(true)
    if (ready && !create.isPending) create.mutate({ name: name.trim(), kind, scope, secret, hosts: lines(hosts) }, { onSuccess: onMade })
  }
  return (
    <form className="stack" onSubmit={submit} noValidate>
      <ProblemNote error={create.error} title="The connection was not stored." />
      {!fixedKind && (
        <SelectField label="Kind" value={kind} onChange={(event) => setKind(event.target.value as Kind)} choices={Object.entries(kindWords).map(([value, label]) => ({ value, label }))} />
      )}
      <SecretInputs kind={kind} secret={secret} asked={asked} onChange={setSecret} />
      <TextField label="Name in the vault" value={name} onChange={(event) => setName(event.target.value)} help="Such as: Acme, production." problem={asked && !name.trim() ? 'Give the connection a name.' : fieldProblem(create.error, 'name')} />
      <TextArea
        label="Hosts it may be sent to"
        mono
        rows={2}
        value={hosts}
        onChange={(event) => setHosts(event.target.value)}
        help="One a line. The credential never goes anywhere else."
        problem={asked && lines(hosts).length === 0 ? 'Name at least one host.' : fieldProblem(create.error, 'hosts')}
      />
      <Scope value={scope} onChange={setScope} />
      <div className="row push">
        <Button onClick={onCancel}>Cancel</Button>
        <Button kind="primary" icon="lock" type="submit" busy={create.isPending}>
          Store in the vault
        </Button>
      </div>
    </form>
  )
}
