import { type FormEvent, useState } from 'react'
import type { InstallationItem, Toolset } from '~/app/api-types'
import { fieldProblem } from '~/app/problem'
import { ProblemNote } from '~/app/problem-note'
import { Button } from '~/design/button'
import { Check, TextField } from '~/design/field'
import { plural } from '~/design/format'
import { type ToolsetDraft, useInstallation, useInstallations, useSaveToolset } from './queries'

interface ToolsetFormProps {
  readonly toolset?: Toolset
  readonly onSaved: (toolset: Toolset) => void
  readonly onCancel: () => void
}

const slugged = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 48)

interface ItemProps {
  readonly installation: InstallationItem
  readonly item: ToolsetDraft['items'][number] | undefined
  readonly onChange: (item: ToolsetDraft['items'][number] | undefined) => void
}

function Item({ installation, item, onChange }: ItemProps) {
  const detail = useInstallation(item ? installation.id : undefined)
  const all = (detail.data?.operations ?? []).map((operation) => operation.name)
  const chosen = item ? (item.operations ?? all) : []
  const toggle = (name: string) => {
    const next = chosen.includes(name) ? chosen.filter((each) => each !== name) : all.filter((each) => each === name || chosen.includes(each))
    onChange(next.length === 0 ? undefined : { installation_id: installation.id, operations: next.length === all.length ? null : next })
  }
  return (
    <div>
      <Check
        label={installation.title}
        hint={`${installation.alias} · ${plural(installation.operation_count, 'operation')}`}
        checked={item !== undefined}
        indeterminate={item?.operations != null}
        onChange={(event) => onChange(event.target.checked ? { installation_id: installation.id, operations: null } : undefined)}
      />
      {item && all.length > 0 && (
        <details>
          <summary className="meta">{plural(chosen.length, 'operation')} chosen</summary>
          <div className="schema-group">
            {all.map((name) => (
              <Check key={name} label={<code>{name}</code>} checked={chosen.includes(name)} onChange={() => toggle(name)} />
            ))}
          </div>
        </details>
      )}
    </div>
  )
}

/** Which installed operations one agent sees. */
export function ToolsetForm({ toolset, onSaved, onCancel }: ToolsetFormProps) {
  const installations = useInstallations()
  const save = useSaveToolset()
  const [draft, setDraft] = useState<ToolsetDraft>(() => ({ name: toolset?.name ?? '', slug: toolset?.slug ?? '', prefix: toolset?.prefix ?? true, items: toolset?.items ?? [] }))
  const [asked, setAsked] = useState(false)
  const slug = draft.slug || slugged(draft.name)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    event.stopPropagation()
    setAsked(true)
    if (draft.name.trim() && slug) save.mutate({ id: toolset?.id, draft: { ...draft, name: draft.name.trim(), slug } }, { onSuccess: onSaved })
  }
  const setItem = (id: string, item: ToolsetDraft['items'][number] | undefined) =>
    setDraft((now) => ({ ...now, items: [...now.items.filter((each) => each.installation_id !== id), ...(item ? [item] : [])] }))
  return (
    <form className="stack" onSubmit={submit} noValidate>
      <ProblemNote error={save.error} title="The toolset was not saved." />
      <TextField label="Name" value={draft.name} problem={asked && !draft.name.trim() ? 'Give the toolset a name.' : fieldProblem(save.error, 'name')} onChange={(event) => setDraft({ ...draft, name: event.target.value })} />
      <TextField label="Name in the address" mono readOnly={toolset !== undefined} value={draft.slug} placeholder={slug} help={`Agents connect to /mcp/${slug || '…'}`} problem={fieldProblem(save.error, 'slug')} onChange={(event) => setDraft({ ...draft, slug: event.target.value })} />
      <fieldset>
        <legend className="field-label">What agents see</legend>
        <div className="toolset-items">
          {(installations.data?.items ?? []).map((installation) => (
            <Item key={installation.id} installation={installation} item={draft.items.find((item) => item.installation_id === installation.id)} onChange={(item) => setItem(installation.id, item)} />
          ))}
          {installations.data?.items.length === 0 && <p className="hint">Nothing is installed yet.</p>}
        </div>
      </fieldset>
      <Check label="Without the alias before each name" hint="only where names do not collide" checked={!draft.prefix} onChange={(event) => setDraft({ ...draft, prefix: !event.target.checked })} />
      <div className="row push">
        <Button onClick={onCancel}>Cancel</Button>
        <Button kind="primary" type="submit" busy={save.isPending}>
          Save the toolset
        </Button>
      </div>
    </form>
  )
}
