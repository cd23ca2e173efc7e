import type { Json, JsonObject, JsonSchema } from '../api-types'

export type FieldKind = 'text' | 'long-text' | 'number' | 'boolean' | 'choice' | 'list' | 'object' | 'json'

const MAX_REFERENCES = 20

/** Follow `$ref`s inside the document; our schemas are self-contained. */
export function resolve(schema: JsonSchema, root: JsonSchema): JsonSchema {
  let now = schema
  for (let hops = 0; typeof now['$ref'] === 'string' && hops < MAX_REFERENCES; hops++) {
    const steps = now['$ref'].replace(/^#\/?/, '').split('/').filter(Boolean)
    let target: unknown = root
    for (const step of steps) target = (target as JsonSchema | undefined)?.[decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~')]
    if (typeof target !== 'object' || target === null) return {}
    const { $ref: _, ...rest } = now
    now = { ...(target as JsonSchema), ...rest }
  }
  return withoutNull(now, root)
}

/** A value that may also be null is asked for as if it had to be there: leaving the field empty leaves it out. */
function withoutNull(schema: JsonSchema, root: JsonSchema): JsonSchema {
  const { anyOf, oneOf, ...rest } = schema
  const alternatives = (anyOf ?? oneOf) as JsonSchema[] | undefined
  const real = Array.isArray(alternatives) ? alternatives.filter((each) => each['type'] !== 'null') : []
  const [only] = real
  return only && real.length === 1 && alternatives?.length !== 1 ? { ...resolve(only, root), ...rest } : schema
}

const SAMPLE_DEPTH = 4

/** A value of the right form, to show what is wanted. */
export function sampleOf(raw: JsonSchema, root: JsonSchema, depth = 0): Json {
  const schema = resolve(raw, root)
  const example = schema['default'] ?? schema['const'] ?? (schema['examples'] as Json[] | undefined)?.[0] ?? schema['example'] ?? (schema['enum'] as Json[] | undefined)?.[0]
  if (example !== undefined) return example as Json
  switch (typeOf(schema)) {
    case 'object':
      return depth > SAMPLE_DEPTH ? {} : Object.fromEntries(Object.entries(propertiesOf(schema)).map(([name, member]) => [name, sampleOf(member, root, depth + 1)]))
    case 'array':
      return depth > SAMPLE_DEPTH ? [] : Array.from({ length: (schema['minItems'] as number | undefined) || 1 }, () => sampleOf((schema['items'] ?? {}) as JsonSchema, root, depth + 1))
    case 'integer':
    case 'number':
      return sampleNumber(schema)
    case 'boolean':
      return false
    default:
      return sampleText(schema)
  }
}

function sampleNumber(schema: JsonSchema): number {
  const { minimum, maximum, exclusiveMinimum } = schema as Record<string, number | undefined>
  return minimum ?? (typeof exclusiveMinimum === 'number' ? exclusiveMinimum + 1 : Math.min(1, maximum ?? 1))
}

const formatted: Record<string, string> = {
  date: '2026-01-31',
  'date-time': '2026-01-31T12:00:00Z',
  time: '12:00:00Z',
  email: 'name@example.com',
  uuid: '00000000-0000-4000-8000-000000000000',
  uri: 'https://example.com/',
  url: 'https://example.com/',
}

function sampleText(schema: JsonSchema): string {
  const { format, minLength, maxLength } = schema as { format?: string; minLength?: number; maxLength?: number }
  return formatted[format ?? ''] ?? 'text'.padEnd(minLength ?? 0, '-').slice(0, maxLength)
}

/** The one type of a schema, `null` left out; undefined where there are several. */
export function typeOf(schema: JsonSchema): string | undefined {
  const { type } = schema
  const types = (Array.isArray(type) ? type : [type]).filter((each) => each && each !== 'null')
  if (types.length === 1) return String(types[0])
  if (types.length > 1) return undefined
  if (schema['properties']) return 'object'
  if (schema['items']) return 'array'
  return schema['enum'] ? 'string' : undefined
}

/** Which control fits a schema. */
export function kindOf(schema: JsonSchema, depth: number): FieldKind {
  if (Array.isArray(schema['enum']) && schema['enum'].every((each) => typeof each !== 'object')) return 'choice'
  switch (typeOf(schema)) {
    case 'string':
      return Number(schema['maxLength'] ?? 0) > 300 ? 'long-text' : 'text'
    case 'number':
    case 'integer':
      return 'number'
    case 'boolean':
      return 'boolean'
    case 'object':
      return depth < 2 && Object.keys(propertiesOf(schema)).length > 0 ? 'object' : 'json'
    case 'array':
      return isList(schema) ? 'list' : 'json'
    default:
      return 'json'
  }
}

function isList(schema: JsonSchema): boolean {
  const items = schema['items'] as JsonSchema | undefined
  return items !== undefined && ['string', 'number', 'integer'].includes(typeOf(items) ?? '') && !items['enum']
}

export const propertiesOf = (schema: JsonSchema): Record<string, JsonSchema> => (schema['properties'] ?? {}) as Record<string, JsonSchema>

export const requiredOf = (schema: JsonSchema): readonly string[] => (Array.isArray(schema['required']) ? (schema['required'] as string[]) : [])

/** What a form begins with: defaults, and single-valued constants. */
export function initialValue(schema: JsonSchema): JsonObject {
  const value: JsonObject = {}
  for (const [name, raw] of Object.entries(propertiesOf(schema))) {
    const property = resolve(raw, schema)
    if (property['default'] !== undefined && property['default'] !== null) value[name] = property['default'] as Json
    else if (property['const'] !== undefined) value[name] = property['const'] as Json
  }
  return value
}

/** Required members that have no value yet. */
export function missingIn(schema: JsonSchema, value: JsonObject): readonly string[] {
  return requiredOf(schema).filter((name) => value[name] === undefined || value[name] === '')
}

/** The object with one member changed; undefined takes the member out. */
export function withMember(value: JsonObject, name: string, member: Json | undefined): JsonObject {
  const { [name]: _, ...rest } = value
  if (member === undefined) return rest
  return name in value ? { ...value, [name]: member } : { ...rest, [name]: member }
}
