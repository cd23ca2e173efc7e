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
  return now
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
    if (property['default'] !== undefined) value[name] = property['default'] as Json
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
