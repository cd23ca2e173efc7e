/** Shapes of the HTTP API, as the browser uses them. */

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json }
export type JsonObject = Record<string, Json>
export type JsonSchema = Record<string, unknown>

export interface Page<Item> {
  items: Item[]
  next_cursor: string | null
  total: number
  total_capped: boolean
}

export interface Organisation {
  id: string
  name: string
  slug: string
}

export interface Session {
  user: { id: string; email: string; name: string }
  organisation: Organisation
  organisations: (Organisation & { role: string })[]
  role: string
  platform_role: string | null
  verbs: string[]
  csrf_token: string
}

export interface Member {
  id: string
  user_id: string
  email: string
  name: string
  role: string
  last_seen_at: string | null
}

export interface ApiKey {
  id: string
  name: string
  prefix: string
  role: string
  verbs: string[] | null
  created_at: string
  expires_at: string | null
  last_used_at: string | null
  revoked_at: string | null
  key?: string
}

export interface Permissions {
  verbs: { name: string; description: string; risk: string }[]
  roles: Record<string, string[]>
}

export interface Connection {
  id: string
  name: string
  kind: 'api_key' | 'basic' | 'bearer'
  scope: 'shared' | 'personal'
  host: string
  state: 'ok' | 'failing' | 'unused'
  hint: string
  created_at: string
  last_used_at: string | null
  used_by: number | string[]
}

export interface ConnectionTest {
  ok: boolean
  status: number | null
  detail: string
}

export interface AuthScheme {
  type: 'apiKey' | 'http' | 'oauth2' | 'openIdConnect' | 'mutualTLS'
  description?: string
  location?: 'header' | 'query' | 'cookie' | null
  parameter?: string | null
  scheme?: string | null
}

export interface Note {
  level: string
  pointer: string
  message: string
  operation?: string | null
}

export interface ManifestProblem {
  pointer: string
  message: string
  level: string
}

export interface Effects {
  kind: string
  read_only: boolean
  destructive: boolean
  idempotent: boolean
  open_world: boolean
  data_read?: string[]
  data_emitted?: string[]
}

export interface ImportOperation {
  name: string
  title: string
  description: string
  method: string | null
  path: string | null
  tags: string[]
  effects: Effects
  deprecated: boolean
  problems: (string | ManifestProblem)[]
}

export interface Import {
  id: string
  kind: string
  title: string
  summary: string
  description: string
  source: string
  suggested_name: string
  operations: ImportOperation[]
  auth_schemes: Record<string, AuthScheme>
  hosts: string[]
  config_schema: JsonSchema
  notes: Note[]
  created_at: string
}

export interface RunRow {
  id: string
  started_at: string
  installation_id: string | null
  alias: string | null
  operation: string
  mcp_name: string | null
  version: string | null
  outcome: string
  problem_code: string | null
  http_status: number | null
  channel: string
  client_name: string | null
  principal: { id: string; kind: string; label: string }
  total_milliseconds: number | null
  own_milliseconds: number | null
  upstream_milliseconds: number | null
  retries: number
  bytes_in: number
  bytes_out: number
  durability: 'strict' | 'spooled'
  demo: boolean
}

export interface Attempt {
  method: string
  url: string
  request_headers: Record<string, string>
  request_body: Json
  status: number | null
  response_headers: Record<string, string>
  response_body?: Json
  started_milliseconds: number
  duration_milliseconds: number
  error?: string
}

export interface Span {
  name: string
  started_milliseconds: number
  duration_milliseconds: number
  detail: Json
}

export interface RunDetail extends RunRow {
  queue_milliseconds: number | null
  trace_id: string | null
  idempotency_key: string | null
  arguments: Json
  attempts: Attempt[]
  answer: Json
  content_type: string | null
  agent_saw: Json
  spans: Span[]
  on_behalf_of: { id: string; kind: string; label: string } | string | null
}

/** What a call answers at once. */
export interface RunAnswer {
  id: string
  outcome: string
  value: Json
  problem?: ProblemDocument | null
  duration_milliseconds: number
  status: number | null
}

export interface ProblemDocument {
  type?: string
  title: string
  status: number
  code: string
  detail?: string
  pointer?: string
  errors?: { pointer?: string; message: string }[]
  [member: string]: unknown
}

export interface Installation {
  id: string
  tool: string
  title: string
  version: string
  alias: string
  state: string
  config: JsonObject
  bindings: Record<string, string>
  operations: InstalledOperation[]
  created_at: string
  latest_version: string | null
  health: string | null
}

export interface InstalledOperation {
  name: string
  mcp_name: string
  title: string
  effects: Effects
  input_schema: JsonSchema
  example_input: JsonObject | null
}

export interface ToolListItem {
  id: string
  name: string
  title: string
  summary: string
  categories: string[]
  namespace: string
  operations: number
  effects: string[]
  latest_version: string | null
  visibility: string
  installed: boolean
  updated_at: string
}
