import type { Json, JsonObject, JsonSchema } from '~/app/api-types'
import { resolve } from '~/app/schema-form/schema'
import type { Implementation, Manifest, Operation, WireParameter } from '~/app/manifest-types'

export type Change<Thing> = (thing: Thing) => Thing

/** Change one operation of a manifest. */
export const inOperation =
  (name: string, change: Change<Operation>): Change<Manifest> =>
  (manifest) => ({ ...manifest, operations: manifest.operations.map((operation) => (operation.name === name ? change(operation) : operation)) })

export const inImplementation =
  (change: Partial<Implementation>): Change<Operation> =>
  (operation) => ({ ...operation, implementation: { ...operation.implementation, ...change } })

export interface ParameterView {
  readonly name: string
  readonly schema: JsonSchema
  /** With references followed. */
  readonly resolved: JsonSchema
  readonly required: boolean
  readonly fixed: Json | undefined
  readonly wire: WireParameter | undefined
  readonly inBody: boolean
}

const properties = (operation: Operation): Record<string, JsonSchema> => (operation.input_schema['properties'] ?? {}) as Record<string, JsonSchema>
const required = (operation: Operation): readonly string[] => (operation.input_schema['required'] ?? []) as string[]

/** The parameters of an operation: what the model sees, joined with where each travels. */
export function parametersOf(operation: Operation): readonly ParameterView[] {
  const { parameters = [], body } = operation.implementation
  return Object.entries(properties(operation)).map(([name, schema]) => ({
    name,
    schema,
    resolved: resolve(schema, operation.input_schema),
    required: required(operation).includes(name),
    fixed: operation.fixed_inputs[name],
    wire: parameters.find((each) => each.argument === name),
    inBody: body?.argument === name,
  }))
}

export const setSchema =
  (name: string, change: Record<string, unknown>): Change<Operation> =>
  (operation) => {
    const schema = { ...properties(operation)[name], ...change }
    const kept = Object.fromEntries(Object.entries(schema).filter(([, value]) => value !== undefined && value !== ''))
    return { ...operation, input_schema: { ...operation.input_schema, properties: { ...properties(operation), [name]: kept } } }
  }

export const setRequired =
  (name: string, needed: boolean): Change<Operation> =>
  (operation) => {
    const rest = required(operation).filter((each) => each !== name)
    return { ...operation, input_schema: { ...operation.input_schema, required: needed ? [...rest, name] : rest } }
  }

export const setFixed =
  (name: string, value: Json | undefined): Change<Operation> =>
  (operation) => {
    const { [name]: _, ...rest } = operation.fixed_inputs
    const fixed: JsonObject = value === undefined ? rest : { ...rest, [name]: value }
    return { ...operation, fixed_inputs: fixed }
  }

export const setWire =
  (name: string, change: Partial<WireParameter>): Change<Operation> =>
  (operation) => {
    const parameters = operation.implementation.parameters ?? []
    const known = parameters.some((each) => each.argument === name)
    const fresh: WireParameter = { argument: name, name, location: 'query', style: 'form', explode: true, ...change }
    const next = known ? parameters.map((each) => (each.argument === name ? { ...each, ...change } : each)) : [...parameters, fresh]
    return inImplementation({ parameters: next })(operation)
  }

export const addParameter =
  (name: string): Change<Operation> =>
  (operation) =>
    setWire(name, {})(setSchema(name, { type: 'string', description: '' })(operation))

export const removeParameter =
  (name: string): Change<Operation> =>
  (operation) => {
    const { [name]: _, ...rest } = properties(operation)
    const implementation = { ...operation.implementation }
    if (implementation.parameters) implementation.parameters = implementation.parameters.filter((each) => each.argument !== name)
    if (implementation.body?.argument === name) implementation.body = null
    const bare = setFixed(name, undefined)(setRequired(name, false)(operation))
    return { ...bare, implementation, input_schema: { ...bare.input_schema, properties: rest } }
  }

/** A name for something new that is not taken yet. */
export function freeName(base: string, taken: readonly string[]): string {
  let name = base
  for (let number = 2; taken.includes(name); number++) name = `${base}_${number}`
  return name
}

/** An operation to begin with. */
export const newOperation = (name: string, server: string): Operation => ({
  name,
  title: '',
  description: '',
  human_description: '',
  tags: [],
  input_schema: { type: 'object', properties: {}, additionalProperties: false },
  output_schema: null,
  fixed_inputs: {},
  implementation: { kind: 'http', method: 'GET', server, path: '/', parameters: [], body: null, accept: 'application/json', security: [], retry: { attempts: 3, statuses: [429, 502, 503, 504], backoff_seconds: 0.25 } },
  effects: { kind: 'read', read_only: true, destructive: false, idempotent: true, open_world: true, data_read: [], data_emitted: [], dry_run: 'none' },
  deprecated: false,
  examples: [],
})
