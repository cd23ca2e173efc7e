import type { Json } from '~/app/api-types'
import { JsonField } from '~/app/schema-form/json-field'
import { Badge } from '~/design/badge'
import { Check, Segments, SelectField, TextArea, TextField } from '~/design/field'
import { Card } from '~/design/parts'
import { type ParameterView, setFixed, setRequired, setSchema, setWire } from './edits'
import type { SectionProps } from './section-props'

interface ParameterFormProps extends SectionProps {
  readonly parameter: ParameterView
}

const types = ['string', 'number', 'integer', 'boolean', 'array', 'object']
const places = ['path', 'query', 'header', 'cookie']

function parsed(text: string): Json | undefined {
  if (text.trim() === '') return undefined
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}

const number = (text: string): number | undefined => (text.trim() === '' || Number.isNaN(Number(text)) ? undefined : Number(text))
const shown = (value: unknown): string => (value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value))

function Bounds({ parameter, readOnly, edit }: ParameterFormProps) {
  const { name, schema } = parameter
  const numeric = schema['type'] === 'number' || schema['type'] === 'integer'
  const set = (member: string, value: unknown) => edit(setSchema(name, { [member]: value }), `${name} ${member}`)
  return (
    <div className="split-3">
      {numeric && <TextField label="Smallest" inputMode="decimal" readOnly={readOnly} defaultValue={shown(schema['minimum'])} onBlur={(event) => set('minimum', number(event.target.value))} />}
      {numeric && <TextField label="Largest" inputMode="decimal" readOnly={readOnly} defaultValue={shown(schema['maximum'])} onBlur={(event) => set('maximum', number(event.target.value))} />}
      {schema['type'] === 'string' && <TextField label="Pattern" mono optional readOnly={readOnly} value={shown(schema['pattern'])} onChange={(event) => set('pattern', event.target.value)} />}
      {schema['type'] === 'string' && (
        <TextField
          label="One of"
          optional
          readOnly={readOnly}
          help="Separated by commas."
          defaultValue={Array.isArray(schema['enum']) ? schema['enum'].join(', ') : ''}
          onBlur={(event) => {
            const values = event.target.value.split(',').map((each) => each.trim()).filter(Boolean)
            set('enum', values.length ? values : undefined)
          }}
        />
      )}
      <TextField label="Default" optional placeholder="none" readOnly={readOnly} defaultValue={shown(schema['default'])} onBlur={(event) => set('default', schema['type'] === 'string' ? event.target.value || undefined : parsed(event.target.value))} />
    </div>
  )
}

function Wire({ parameter, operation, readOnly, edit }: ParameterFormProps) {
  const { name, wire, inBody } = parameter
  if (operation.implementation.kind !== 'http' || inBody) return inBody ? <p className="meta">Sent as the body of the request.</p> : null
  return (
    <div className="split">
      <SelectField label="Sent in" disabled={readOnly} value={wire?.location ?? 'query'} choices={(wire && !places.includes(wire.location) ? [wire.location, ...places] : places).map((value) => ({ value, label: value }))} onChange={(event) => edit(setWire(name, { location: event.target.value, style: ['query', 'cookie'].includes(event.target.value) ? 'form' : 'simple' }))} />
      <TextField label="Sent as" mono readOnly={readOnly} value={wire?.name ?? name} onChange={(event) => edit(setWire(name, { name: event.target.value }), `${name} wire`)} />
    </div>
  )
}

/** One parameter: what the model reads, what is allowed, who fills it. */
export function ParameterForm(props: ParameterFormProps) {
  const { parameter, readOnly, problemAt, edit } = props
  const { name, schema, required, fixed } = parameter
  const description = shown(parameter.resolved['description'])
  return (
    <Card
      level={3}
      title={<code>{name}</code>}
      count={<Badge>{shown(parameter.resolved['type']) || 'any'}</Badge>}
      actions={<Check kind="switch" label="Required" disabled={readOnly || fixed !== undefined} checked={required} onChange={(event) => edit(setRequired(name, event.target.checked))} />}
      padded
    >
      <div className="stack">
        <div className="split">
          <TextArea
            label="What it means, for the agent"
            rows={2}
            readOnly={readOnly}
            value={description}
            problem={problemAt(`/properties/${name}/description`) ?? problemAt(`/properties/${name}`)}
            warning={description.trim() ? undefined : 'Say what it means, its unit, and give an example.'}
            onChange={(event) => edit(setSchema(name, { description: event.target.value }), `${name} description`)}
          />
          <SelectField
            label="Type"
            disabled={readOnly || '$ref' in schema}
            help={'$ref' in schema ? 'Defined once and referred to; edit the schema below.' : undefined}
            value={typeof parameter.resolved['type'] === 'string' ? parameter.resolved['type'] : ''}
            choices={[{ value: '', label: 'any or several' }, ...types.map((value) => ({ value, label: value }))]}
            onChange={(event) => edit(setSchema(name, { type: event.target.value || undefined }))}
          />
        </div>
        <Bounds {...props} />
        <Wire {...props} />
        <div className="row row-wrap row-loose">
          <span className="strong">Who fills it</span>
          <Segments
            label="Who fills it"
            value={fixed === undefined ? 'agent' : 'fixed'}
            onChange={(who) => !readOnly && edit(setFixed(name, who === 'fixed' ? ((schema['default'] as Json | undefined) ?? '') : undefined))}
            choices={[
              { value: 'agent', label: 'The agent' },
              { value: 'fixed', label: 'Fixed, hidden' },
            ]}
          />
        </div>
        {fixed !== undefined && <TextField label="Fixed value" mono readOnly={readOnly} defaultValue={shown(fixed)} help="The agent neither sees nor sets it." onBlur={(event) => edit(setFixed(name, schema['type'] === 'string' ? event.target.value : (parsed(event.target.value) ?? '')))} />}
        {['object', 'array', undefined].includes(schema['type'] as string | undefined) && (
          <JsonField label="Schema" rows={8} value={schema as Json} help="JSON Schema 2020-12." onChange={(value) => value && edit((operation) => ({ ...operation, input_schema: { ...operation.input_schema, properties: { ...(operation.input_schema['properties'] as object), [name]: value } } }), `${name} schema`)} />
        )}
      </div>
    </Card>
  )
}
