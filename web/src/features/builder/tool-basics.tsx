import type { Json, JsonSchema, ManifestProblem } from '~/app/api-types'
import type { Manifest } from '~/app/manifest-types'
import { JsonField } from '~/app/schema-form/json-field'
import { SelectField, TextArea, TextField } from '~/design/field'
import { Card } from '~/design/parts'
import type { Change } from './edits'

interface ToolBasicsProps {
  readonly manifest: Manifest
  readonly problems: readonly ManifestProblem[]
  readonly readOnly: boolean
  readonly categories: readonly (readonly [string, string])[]
  readonly edit: (change: Change<Manifest>, group?: string) => void
}

const list = (text: string): string[] => [...new Set(text.split(/[\s,]+/).filter(Boolean))]

/** What people read about the tool, and what binds all its operations. */
export function ToolBasics({ manifest, problems, readOnly, categories, edit }: ToolBasicsProps) {
  const problemAt = (pointer: string) => problems.find((problem) => problem.pointer === pointer || problem.pointer.startsWith(`${pointer}/`))?.message
  const set = (change: Partial<Manifest>, group?: string) => edit((now) => ({ ...now, ...change }), group)
  return (
    <>
      <Card title="What people read" padded>
        <div className="stack">
          <div className="split">
            <TextField label="Title" maxLength={120} readOnly={readOnly} value={manifest.title} problem={problemAt('/title')} onChange={(event) => set({ title: event.target.value }, 'tool title')} />
            <TextField label="Name" mono readOnly value={manifest.name} help="Fixed once it is published." problem={problemAt('/name')} />
          </div>
          <TextField label="Summary" maxLength={100} readOnly={readOnly} value={manifest.summary} problem={problemAt('/summary')} help={`${manifest.summary.length} of 100 characters.`} onChange={(event) => set({ summary: event.target.value }, 'tool summary')} />
          <TextArea label="Description" optional rows={6} readOnly={readOnly} value={manifest.description} help="Markdown." problem={problemAt('/description')} onChange={(event) => set({ description: event.target.value }, 'tool description')} />
          <div className="split">
            <SelectField label="Category" disabled={readOnly} value={manifest.categories[0] ?? 'other'} choices={categories.map(([value, label]) => ({ value, label }))} problem={problemAt('/categories')} onChange={(event) => set({ categories: [event.target.value, ...manifest.categories.slice(1).filter((each) => each !== event.target.value)] })} />
            <TextField label="Tags" optional readOnly={readOnly} defaultValue={manifest.tags.join(', ')} help="Separated by commas." onBlur={(event) => set({ tags: list(event.target.value) })} />
          </div>
        </div>
      </Card>
      <Card title="What binds all operations" padded>
        <div className="stack">
          <TextArea label="Hosts it may reach" mono rows={3} readOnly={readOnly} defaultValue={manifest.egress.hosts.join('\n')} help="One a line. Every other address is refused at each call." problem={problemAt('/egress')} onBlur={(event) => set({ egress: { hosts: list(event.target.value) } })} />
          <SelectField
            label="Whose credential"
            disabled={readOnly}
            value={manifest.auth.binding}
            choices={[
              { value: 'either', label: 'Shared or each person’s own' },
              { value: 'shared', label: 'One shared for all' },
              { value: 'per_user', label: 'Each person’s own' },
            ]}
            onChange={(event) => set({ auth: { ...manifest.auth, binding: event.target.value } })}
          />
          <JsonField label="Configuration asked at install" rows={8} value={manifest.config_schema as Json} help="JSON Schema 2020-12. Its fields may stand in addresses as {field}." problem={problemAt('/config_schema')} onChange={(value) => !readOnly && value && set({ config_schema: value as JsonSchema }, 'config')} />
        </div>
      </Card>
    </>
  )
}
