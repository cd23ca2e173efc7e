import type { AuthScheme, Connection } from '~/app/api-types'

export type Kind = Connection['kind']

export const kindWords: Record<Kind, string> = { api_key: 'API key', basic: 'User name and password', bearer: 'Bearer token' }

export interface SecretField {
  readonly name: string
  readonly label: string
  readonly hidden: boolean
}

/** What a credential of a kind consists of. */
export const secretFields: Record<Kind, readonly SecretField[]> = {
  api_key: [{ name: 'key', label: 'Key', hidden: true }],
  basic: [
    { name: 'username', label: 'User name', hidden: false },
    { name: 'password', label: 'Password', hidden: true },
  ],
  bearer: [{ name: 'token', label: 'Token', hidden: true }],
}

/** The kind of connection that satisfies a scheme. */
export function kindFor(scheme: AuthScheme): Kind {
  if (scheme.type === 'apiKey') return 'api_key'
  return scheme.type === 'http' && scheme.scheme === 'basic' ? 'basic' : 'bearer'
}
