import type { ProblemDocument } from './api-types'
import { ProblemError, unreachable } from './problem'

interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly body?: unknown
  readonly headers?: Record<string, string>
  readonly signal?: AbortSignal
  /** Signing in answers 401 for wrong credentials; that is not an ended session. */
  readonly anonymous?: boolean
}

let csrfToken = ''
let signInAgain: (() => Promise<void>) | undefined

/** Called with each session that the server answers. */
export function rememberCsrfToken(token: string): void {
  csrfToken = token
}

/** What to do when a session has ended: resolves once the person has signed in again. */
export function onSessionEnded(handler: () => Promise<void>): void {
  signInAgain = handler
}

async function send(path: string, call: Call): Promise<Response> {
  const method = call.method ?? 'GET'
  const headers = new Headers(call.headers)
  headers.set('Accept', 'application/json')
  if (call.body !== undefined) headers.set('Content-Type', 'application/json')
  if (method !== 'GET' && csrfToken) headers.set('X-CSRF-Token', csrfToken)
  const body = call.body === undefined ? undefined : JSON.stringify(call.body)
  try {
    return await fetch(path, { method, headers, body, signal: call.signal, credentials: 'same-origin' })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw unreachable()
  }
}

async function problemFrom(response: Response): Promise<ProblemError> {
  const fallback = { title: 'The server refused.', status: response.status, code: `http-${response.status}` }
  try {
    const document = (await response.json()) as Partial<ProblemDocument>
    return new ProblemError({ ...fallback, ...document }, response.headers)
  } catch {
    return new ProblemError(fallback, response.headers)
  }
}

/** One request. An ended session opens the sign-in dialog and the request is sent again, so nothing is lost. */
export async function request<Answer>(path: string, call: Call = {}): Promise<Answer> {
  let response = await send(path, call)
  if (response.status === 401 && !call.anonymous && signInAgain) {
    await signInAgain()
    response = await send(path, call)
  }
  if (!response.ok) throw await problemFrom(response)
  if (response.status === 204) return undefined as Answer
  return (await response.json()) as Answer
}

export const get = <Answer>(path: string, signal?: AbortSignal) => request<Answer>(path, { signal })
export const post = <Answer>(path: string, body?: unknown) => request<Answer>(path, { method: 'POST', body: body ?? {} })
export const remove = (path: string) => request<undefined>(path, { method: 'DELETE' })

/** A query string of the members that have a value. */
export function query(members: Record<string, string | number | undefined | null>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(members)) if (value !== undefined && value !== null && value !== '') search.set(name, String(value))
  const text = search.toString()
  return text && `?${text}`
}
