import type { JsonObject, JsonSchema } from './api-types'
import { propertiesOf } from './schema-form/schema'

/** The configured address of the service, where there is one: a credential is tried there. */
export const configuredAddress = (config: JsonObject): string | undefined => Object.values(config).find((value): value is string => typeof value === 'string' && /^https?:\/\//.test(value))

/** The hosts of a tool with the configuration filled in: `{field}` stands for the host of a configured address. */
export function concreteHosts(hosts: readonly string[], config: JsonObject, schema: JsonSchema): readonly string[] {
  return hosts.flatMap((host) => {
    const field = /^\{(\w+)\}$/.exec(host)?.[1]
    if (field === undefined) return host.includes('{') ? [] : [host]
    const value = config[field] ?? propertiesOf(schema)[field]?.['default']
    try {
      return typeof value === 'string' ? [new URL(value).host] : []
    } catch {
      return []
    }
  })
}

/** The same for people: what is not configured yet is told by the title of its field. */
export function shownHosts(hosts: readonly string[], config: JsonObject, schema: JsonSchema): readonly string[] {
  return hosts.flatMap((host) => {
    const known = concreteHosts([host], config, schema)
    if (known.length > 0) return known
    return [host.replace(/\{(\w+)\}/g, (_, field: string) => valueOf(field, config, schema) ?? `‹${titleOf(field, schema)}›`)]
  })
}

/** A configured part of a host; a whole address is none. */
function valueOf(field: string, config: JsonObject, schema: JsonSchema): string | undefined {
  const value = config[field] ?? propertiesOf(schema)[field]?.['default']
  return typeof value === 'string' && /^[\w.-]+$/.test(value) ? value : undefined
}

const titleOf = (field: string, schema: JsonSchema): string => String(propertiesOf(schema)[field]?.['title'] ?? field.replaceAll('_', ' '))
