import type { AuthScheme, Effects, JsonObject, JsonSchema, ManifestProblem, Note, ToolListItem } from './api-types'

/** The manifest: the document of a version. */
export interface Manifest {
  name: string
  version: string
  title: string
  summary: string
  description: string
  categories: string[]
  tags: string[]
  auth: { schemes: Record<string, AuthScheme>; binding: string }
  egress: { hosts: string[] }
  limits: { timeout_seconds: number; response_bytes: number; rate_per_minute: number | null }
  config_schema: JsonSchema
  operations: Operation[]
  [member: string]: unknown
}

export interface Operation {
  name: string
  title: string
  description: string
  human_description: string
  tags: string[]
  input_schema: JsonSchema
  output_schema: JsonSchema | null
  fixed_inputs: JsonObject
  implementation: Implementation
  effects: Effects
  deprecated: boolean
  examples: { title: string; input: JsonObject }[]
  [member: string]: unknown
}

export interface WireParameter {
  argument: string
  name: string
  location: string
  style?: string
  explode?: boolean
  [member: string]: unknown
}

export interface Retry {
  attempts: number
  statuses: number[]
  backoff_seconds: number
}

export interface Implementation {
  kind: 'http' | 'mcp'
  server: string
  method?: string
  path?: string
  parameters?: WireParameter[]
  body?: { argument: string; content_type: string; required: boolean; [member: string]: unknown } | null
  accept?: string
  security: Record<string, string[]>[]
  retry: Retry
  shape?: string | null
  tool?: string
  transport?: string
  [member: string]: unknown
}

export interface DraftListItem {
  id: string
  name: string
  title: string
  operations: number
  problems: number
  updated_at: string
  updated_by: string | { label?: string; name?: string } | null
  published_version: string | null
}

export interface Draft {
  id: string
  name: string
  manifest: Manifest
  revision: number
  problems: ManifestProblem[]
  notes: Note[]
  updated_at: string
  updated_by: string | { label?: string; name?: string } | null
  published_version: string | null
}

export interface Preview {
  mcp: JsonObject
  openai: JsonObject
  anthropic: JsonObject
  gemini: JsonObject
  tokens: number
  counter: string
}

export interface Publication {
  suggested_version: string
  previous_version: string | null
  changes: { kind: string; pointer: string; message: string }[]
  problems: ManifestProblem[]
}

export interface Published {
  tool: string
  version: string
  tool_id: string
  version_id: string
}

export interface ToolDetail extends ToolListItem {
  description: string
  versions: { id: string; version: string; state: string; published_at: string | null; notes: string | null }[]
  manifest: Manifest
}

/** The name of who changed something last, whichever form the server gives. */
export function personName(person: Draft['updated_by']): string {
  if (!person) return ''
  return typeof person === 'string' ? person : (person.name ?? person.label ?? '')
}
