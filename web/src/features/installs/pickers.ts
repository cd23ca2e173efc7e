import type { ReactNode } from 'react'
import type { AuthScheme } from '~/app/api-types'

export interface CredentialPick {
  readonly scheme: string
  readonly definition: AuthScheme
  readonly hosts: readonly string[]
  readonly value: string | undefined
  readonly suggestedName: string
  readonly test: boolean
  /** Where the credential is tried. */
  readonly testUrl?: string
  readonly onChange: (connectionId: string | undefined) => void
}

/** Draws the choice of a credential; the vault's, given by the route. */
export type CredentialPicker = (pick: CredentialPick) => ReactNode
