import { type QueryClient, queryOptions, useQuery, useQueryClient } from '@tanstack/react-query'
import type { Session } from './api-types'
import { onSessionEnded, rememberCsrfToken, request } from './client'
import { ProblemError } from './problem'
import { forgetAll } from './storage'
import { createStore } from './store'

export const sessionKey = ['session'] as const

const keep = (session: Session): Session => {
  rememberCsrfToken(session.csrf_token)
  return session
}

/** The session, or null when signed out. */
export const sessionQuery = queryOptions({
  queryKey: sessionKey,
  staleTime: 60_000,
  queryFn: async (): Promise<Session | null> => {
    try {
      return keep(await request<Session>('/v1/session', { anonymous: true }))
    } catch (error) {
      if (error instanceof ProblemError && error.document.status === 401) return null
      throw error
    }
  },
})

/** Set while somebody has to sign in again over the page. */
export const sessionEnded = createStore(false)
let waiting: { resolve: () => void; promise: Promise<void> } | undefined

onSessionEnded(() => {
  if (!waiting) {
    let resolve = () => {}
    const promise = new Promise<void>((done) => (resolve = done))
    waiting = { resolve, promise }
    sessionEnded.set(true)
  }
  return waiting.promise
})

/** Sign in; requests that waited for it go on. */
export async function signIn(cache: QueryClient, email: string, password: string): Promise<Session> {
  const session = keep(await request<Session>('/v1/session', { method: 'POST', body: { email, password }, anonymous: true }))
  cache.setQueryData(sessionKey, session)
  sessionEnded.set(false)
  waiting?.resolve()
  waiting = undefined
  return session
}

/** Sign out. `leave` goes to a page that needs no session, before what was read is forgotten. */
export async function signOut(cache: QueryClient, leave: () => Promise<void>): Promise<void> {
  await request('/v1/session', { method: 'DELETE', anonymous: true })
  await leave()
  cache.clear()
  cache.setQueryData(sessionKey, null)
  forgetAll(['appearance'])
}

/** Act for another organisation; everything read so far belongs to the old one. */
export async function switchOrganisation(cache: QueryClient, organisationId: string): Promise<void> {
  const session = keep(await request<Session>('/v1/session/organisation', { method: 'PUT', body: { organisation_id: organisationId } }))
  cache.setQueryData(sessionKey, session)
  await cache.resetQueries({ predicate: (each) => each.queryKey[0] !== sessionKey[0] })
}

/** Who is signed in. Only used below the shell, where a session exists. */
export function useSession(): Session {
  const cache = useQueryClient()
  const { data } = useQuery(sessionQuery)
  const session = data ?? cache.getQueryData<Session>(sessionKey)
  if (!session) throw new Error('useSession is used outside a session')
  return session
}

/** Whether the role allows a verb. */
export function useCan(): (verb: string) => boolean {
  const { verbs } = useSession()
  return (verb) => verbs.includes(verb) || verbs.includes('*')
}
