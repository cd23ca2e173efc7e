import type { ManifestProblem } from '~/app/api-types'
import type { Manifest, Operation } from '~/app/manifest-types'
import type { IconName } from '~/design/icons'

export type SectionId = 'basics' | 'connection' | 'request' | 'parameters' | 'output' | 'limits' | 'effects'

export interface Section {
  readonly id: SectionId
  readonly label: string
  readonly icon: IconName
  /** What it says now, in a few words. */
  readonly says: (operation: Operation, manifest: Manifest) => string
}

const parameterCount = (operation: Operation): number => Object.keys((operation.input_schema['properties'] ?? {}) as object).length

export const sections: readonly Section[] = [
  { id: 'basics', label: 'Basics', icon: 'doc', says: (operation) => operation.title || 'no title' },
  {
    id: 'connection',
    label: 'Connection',
    icon: 'link',
    says: (operation) => {
      const names = [...new Set(operation.implementation.security.flatMap((each) => Object.keys(each)))]
      return names.length ? names.join(', ') : 'no credential'
    },
  },
  {
    id: 'request',
    label: 'Request',
    icon: 'globe',
    says: ({ implementation }) => (implementation.kind === 'mcp' ? `tool ${implementation.tool ?? ''}` : `${implementation.method ?? ''} ${implementation.path ?? ''}`),
  },
  {
    id: 'parameters',
    label: 'Parameters',
    icon: 'settings',
    says: (operation) => `${parameterCount(operation)} · ${parameterCount(operation) - Object.keys(operation.fixed_inputs).length} for the agent`,
  },
  { id: 'output', label: 'Output', icon: 'box', says: (operation) => (operation.implementation.shape ? 'shaped' : operation.output_schema ? String(operation.output_schema['type'] ?? 'described') : 'as it comes') },
  { id: 'limits', label: 'Limits', icon: 'clock', says: (operation, manifest) => `${manifest.limits.timeout_seconds} s · ${operation.implementation.retry.attempts - 1} retries` },
  { id: 'effects', label: 'Effects', icon: 'shield', says: (operation) => operation.effects.kind },
]

const byPart: readonly (readonly [RegExp, SectionId])[] = [
  [/^\/(effects)/, 'effects'],
  [/^\/(output_schema|implementation\/(shape|accept|pagination))/, 'output'],
  [/^\/implementation\/(security|server)/, 'connection'],
  [/^\/(input_schema|fixed_inputs|implementation\/parameters|examples)/, 'parameters'],
  [/^\/implementation\/retry/, 'limits'],
  [/^\/implementation/, 'request'],
]

export interface Where {
  /** The operation's name; undefined for the tool itself. */
  readonly operation?: string
  readonly section: SectionId
}

/** Where in the editor a pointer into the manifest is mended. */
export function whereIs(problem: Pick<ManifestProblem, 'pointer'>, manifest: Manifest): Where {
  const match = /^\/operations\/([^/]+)(.*)$/.exec(problem.pointer)
  if (!match) return { section: 'basics' }
  const [, key = '', rest = ''] = match
  const operation = manifest.operations[Number(key)]?.name ?? manifest.operations.find((each) => each.name === key)?.name
  return { operation, section: byPart.find(([pattern]) => pattern.test(rest))?.[1] ?? 'basics' }
}
