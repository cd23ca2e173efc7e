import type * as api from './api.gen'
import type { AuthScheme, Effects, JsonObject, JsonSchema, ManifestProblem } from './api-types'

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

export type DraftListItem = api.DraftItem

export type Draft = Omit<api.Draft, 'manifest'> & { manifest: Manifest }

export interface Preview {
  mcp: JsonObject
  openai: JsonObject
  anthropic: JsonObject
  gemini: JsonObject
  tokens: number
  counter: string
}

export type Publication = Omit<api.Publication, 'problems'> & { problems: ManifestProblem[] }

export type Published = api.Published

export type ToolDetail = Omit<api.Tool, 'manifest'> & { manifest: Manifest }
