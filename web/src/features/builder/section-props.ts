import type { Manifest, Operation } from '~/app/manifest-types'
import type { Change } from './edits'

export interface SectionProps {
  readonly manifest: Manifest
  readonly operation: Operation
  readonly readOnly: boolean
  /** The problem whose pointer ends so, below the operation. */
  readonly problemAt: (end: string) => string | undefined
  readonly edit: (change: Change<Operation>, group?: string) => void
  readonly editTool: (change: Change<Manifest>, group?: string) => void
}
