/** The shapes of the HTTP API: generated, and made narrower where the description leaves JSON open. */
import type * as api from './api.gen'

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json }
export type JsonObject = Record<string, Json>
export type JsonSchema = Record<string, unknown>

export interface Page<Item> {
  items: Item[]
  next_cursor?: string | null
  total: number
  total_capped?: boolean
}

export type Session = api.Session
export type Member = api.Member
export type Permissions = api.Permissions
export type ApiKey = api.Key
export type CreatedKey = api.CreatedKey
export type Connection = api.Connection
export type ConnectionTest = api.ConnectionVerdict
export type AuthScheme = api.AuthScheme
export type Effects = api.Effects
export type Note = api.Note
export type ManifestProblem = api.DraftProblem
export type ImportOperation = api.ImportedOperation
export type Import = Omit<api.Import, 'config_schema'> & { config_schema: JsonSchema }
export type RunRow = api.RunItem
export type Home = api.Home
export type Step = api.Step
export type Connect = api.Connect
export type ToolListItem = api.ToolItem
export type InstallationItem = api.InstallationItem
export type Toolset = api.Toolset
export type Review = api.Review
export type ReviewCreate = api.ReviewCreate

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

export type RunDetail = Omit<api.RunDetail, 'attempts' | 'arguments' | 'answer'> & {
  attempts: Attempt[]
  arguments: Json
  answer: Json
}

/** What a call answers at once. */
export type RunAnswer = Omit<api.CallAnswer, 'value' | 'problem'> & { value: Json; problem?: ProblemDocument | null }

export interface ProblemDocument {
  type?: string
  title: string
  status: number
  code: string
  detail?: string
  pointer?: string
  errors?: { pointer?: string; message?: string; detail?: string }[]
  [member: string]: unknown
}

export type InstalledOperation = Omit<api.InstalledOperation, 'input_schema' | 'example_input'> & {
  input_schema: JsonSchema
  example_input: JsonObject | null
}

export type Installation = Omit<api.Installation, 'operations' | 'config' | 'config_schema' | 'auth_schemes'> & {
  operations: InstalledOperation[]
  config: JsonObject
  config_schema: JsonSchema
  auth_schemes: Record<string, AuthScheme>
}
