import { useState } from 'react'
import { Segments } from '~/design/field'
import type { JsonObject, JsonSchema } from '../api-types'
import { JsonField } from './json-field'
import { propertiesOf, requiredOf, withMember } from './schema'
import { SchemaField } from './schema-field'
import './schema-form.css'

interface SchemaFormProps {
  readonly schema: JsonSchema
  readonly value: JsonObject
  readonly onChange: (value: JsonObject) => void
  readonly problemAt?: (pointer: string) => string | undefined
  /** Said where the schema asks for nothing. */
  readonly nothing: string
  /** The name of the whole, for the JSON view. */
  readonly label: string
  readonly json?: boolean
}

const noProblem = () => undefined

/** A form made from a JSON Schema, and the same value as JSON. */
export function SchemaForm({ schema, value, onChange, problemAt = noProblem, nothing, label, json = true }: SchemaFormProps) {
  const [view, setView] = useState<'form' | 'json'>('form')
  const fields = Object.entries(propertiesOf(schema))
  const required = requiredOf(schema)
  const ordered = [...fields.filter(([name]) => required.includes(name)), ...fields.filter(([name]) => !required.includes(name))]
  return (
    <div className="stack">
      {json && (
        <Segments
          label={`${label} as`}
          value={view}
          onChange={setView}
          choices={[
            { value: 'form', label: 'Form' },
            { value: 'json', label: 'JSON' },
          ]}
        />
      )}
      {view === 'json' ? (
        <JsonField label={`${label} as JSON`} value={value} rows={10} onChange={(next) => onChange((next ?? {}) as JsonObject)} />
      ) : (
        <div className="schema-fields">
          {ordered.length === 0 && <p className="hint">{nothing}</p>}
          {ordered.map(([name, property]) => (
            <SchemaField
              key={name}
              name={name}
              schema={property}
              root={schema}
              required={required.includes(name)}
              value={value[name]}
              depth={0}
              pointer={`/${name}`}
              problemAt={problemAt}
              onChange={(member) => onChange(withMember(value, name, member))}
            />
          ))}
        </div>
      )}
    </div>
  )
}
