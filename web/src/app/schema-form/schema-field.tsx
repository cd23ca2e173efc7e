import type { ReactNode } from 'react'
import { pretty } from '~/design/code'
import { Check, SelectField, TextArea, TextField } from '~/design/field'
import type { Json, JsonObject, JsonSchema } from '../api-types'
import { JsonField } from './json-field'
import { kindOf, propertiesOf, requiredOf, resolve, sampleOf, typeOf, withMember } from './schema'

export interface SchemaFieldProps {
  readonly name: string
  readonly schema: JsonSchema
  readonly root: JsonSchema
  readonly required: boolean
  readonly value: Json | undefined
  readonly depth: number
  /** What is wrong with the field at this pointer. */
  readonly problemAt: (pointer: string) => string | undefined
  readonly pointer: string
  readonly onChange: (value: Json | undefined) => void
}

interface Shared {
  readonly label: ReactNode
  readonly help: ReactNode
  readonly problem: string | undefined
  readonly optional: boolean
}

function toNumber(text: string): Json | undefined {
  if (text.trim() === '') return undefined
  const value = Number(text)
  return Number.isNaN(value) ? text : value
}

function hintOf(schema: JsonSchema): string {
  const parts = [schema['description']]
  if (schema['minimum'] !== undefined && schema['maximum'] !== undefined) parts.push(`${schema['minimum']} to ${schema['maximum']}.`)
  const examples = schema['examples']
  if (Array.isArray(examples) && typeof examples[0] !== 'object') parts.push(`Such as ${examples[0]}.`)
  return parts.filter(Boolean).join(' ')
}

const asText = (value: Json | undefined): string => (value === undefined || value === null ? '' : String(value))

function ChoiceField({ schema, value, onChange, shared }: SchemaFieldProps & { readonly shared: Shared }) {
  const all = (schema['enum'] as Json[]).map(String)
  const pick = (text: string) => onChange(text === '' ? undefined : (schema['enum'] as Json[]).find((each) => String(each) === text))
  const choices = [{ value: '', label: '–' }, ...all.map((each) => ({ value: each, label: each }))]
  return <SelectField {...shared} choices={choices} value={asText(value)} onChange={(event) => pick(event.target.value)} />
}

function ListField({ schema, value, onChange, shared }: SchemaFieldProps & { readonly shared: Shared }) {
  const numbers = typeOf((schema['items'] ?? {}) as JsonSchema) !== 'string'
  const read = (text: string) => {
    const lines = text.split('\n')
    onChange(text === '' ? undefined : lines.map((line) => (numbers ? (toNumber(line) ?? '') : line)))
  }
  const help = [shared.help, 'One a line.'].filter(Boolean).join(' ')
  return <TextArea {...shared} help={help} rows={2} value={Array.isArray(value) ? value.map(asText).join('\n') : ''} onChange={(event) => read(event.target.value)} />
}

function ObjectField(props: SchemaFieldProps & { readonly shared: Shared }) {
  const { schema, root, value, depth, pointer, onChange, shared } = props
  const object = (typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}) as JsonObject
  const set = (name: string, member: Json | undefined) => {
    const next = withMember(object, name, member)
    onChange(Object.keys(next).length ? next : undefined)
  }
  return (
    <fieldset className="schema-group">
      <legend className="field-label">{shared.label}</legend>
      {shared.help && <p className="field-help">{shared.help}</p>}
      {Object.entries(propertiesOf(schema)).map(([name, property]) => (
        <SchemaField
          key={name}
          {...props}
          name={name}
          schema={property}
          root={root}
          required={requiredOf(schema).includes(name)}
          value={object[name]}
          depth={depth + 1}
          pointer={`${pointer}/${name}`}
          onChange={(member) => set(name, member)}
        />
      ))}
    </fieldset>
  )
}

/** One field of a form made from a schema. */
export function SchemaField(props: SchemaFieldProps) {
  const { name, root, required, value, depth, pointer, problemAt, onChange } = props
  const schema = resolve(props.schema, root)
  // The title of what a reference leads to names the type, not this field.
  const own = props.schema['title']
  const title = typeof own === 'string' && depth === 0 ? own : name
  const shared: Shared = {
    label: <span className={title === name ? 'mono' : undefined}>{title}</span>,
    help: hintOf(schema) || undefined,
    problem: problemAt(pointer),
    optional: !required,
  }
  const inner = { ...props, schema, shared }
  switch (kindOf(schema, depth)) {
    case 'choice':
      return <ChoiceField {...inner} />
    case 'list':
      return <ListField {...inner} />
    case 'object':
      return <ObjectField {...inner} />
    case 'boolean':
      return <Check label={shared.label} hint={shared.help} checked={value === true} onChange={(event) => onChange(event.target.checked)} />
    case 'number':
      return <TextField {...shared} inputMode="decimal" value={asText(value)} onChange={(event) => onChange(toNumber(event.target.value))} />
    case 'long-text':
      return <TextArea {...shared} value={asText(value)} onChange={(event) => onChange(event.target.value || undefined)} />
    case 'text':
      return <TextField {...shared} value={asText(value)} onChange={(event) => onChange(event.target.value || undefined)} />
    case 'json':
      return <JsonField {...shared} value={value} placeholder={pretty(sampleOf(schema, root))} onChange={onChange} />
  }
}
