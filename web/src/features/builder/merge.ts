import type { Manifest, Operation } from '~/app/manifest-types'

/** A manifest as leaves by pointer; operations are known by name, other lists are leaves. */
type Leaves = Map<string, unknown>

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
const escape = (step: string): string => step.replaceAll('~', '~0').replaceAll('/', '~1')
const unescape = (step: string): string => step.replaceAll('~1', '/').replaceAll('~0', '~')

function flatten(value: unknown, pointer: string, leaves: Leaves): void {
  if (!isObject(value) || Object.keys(value).length === 0) {
    leaves.set(pointer, value)
    return
  }
  for (const [name, member] of Object.entries(value)) flatten(member, `${pointer}/${escape(name)}`, leaves)
}

function leavesOf(manifest: Manifest): Leaves {
  const { operations, ...rest } = manifest
  const leaves: Leaves = new Map()
  flatten(rest, '', leaves)
  leaves.set('/operation names', operations.map((operation) => operation.name))
  for (const operation of operations) flatten(operation, `/operations/${escape(operation.name)}`, leaves)
  return leaves
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

export interface Difference {
  readonly pointer: string
  readonly before: unknown
  readonly after: unknown
}

/** What changed from one manifest to another. */
export function differences(before: Manifest, after: Manifest): readonly Difference[] {
  const [old, now] = [leavesOf(before), leavesOf(after)]
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((pointer) => !same(old.get(pointer), now.get(pointer)))
    .map((pointer) => ({ pointer, before: old.get(pointer), after: now.get(pointer) }))
}

function place(target: Record<string, unknown>, pointer: string, value: unknown): void {
  const steps = pointer.split('/').slice(1).map(unescape)
  const last = steps.pop()
  if (last === undefined) return
  let at = target
  for (const step of steps) {
    if (!isObject(at[step])) at[step] = {}
    at = at[step] as Record<string, unknown>
  }
  at[last] = value
}

function build(leaves: Leaves): Manifest {
  const tree: Record<string, unknown> = {}
  const names = (leaves.get('/operation names') ?? []) as string[]
  for (const [pointer, value] of leaves) if (value !== undefined && pointer !== '/operation names') place(tree, pointer, value)
  const byName = (tree['operations'] ?? {}) as Record<string, Operation>
  return { ...tree, operations: names.flatMap((name) => byName[name] ?? []) } as unknown as Manifest
}

export interface Conflict {
  readonly pointer: string
  readonly base: unknown
  readonly mine: unknown
  readonly theirs: unknown
}

/** Places that both changed, differently. */
export function conflicts(base: Manifest, mine: Manifest, theirs: Manifest): readonly Conflict[] {
  const other = new Map(differences(base, theirs).map((each) => [each.pointer, each.after]))
  return differences(base, mine)
    .filter((each) => other.has(each.pointer) && !same(other.get(each.pointer), each.after))
    .map((each) => ({ pointer: each.pointer, base: each.before, mine: each.after, theirs: other.get(each.pointer) }))
}

/** Both people's changes together; where both changed the same place, mine only if it was chosen. */
export function merge(base: Manifest, mine: Manifest, theirs: Manifest, mineAt: ReadonlySet<string>): Manifest {
  const disputed = new Set(conflicts(base, mine, theirs).map((each) => each.pointer))
  const leaves = leavesOf(theirs)
  for (const change of differences(base, mine)) {
    if (disputed.has(change.pointer) && !mineAt.has(change.pointer)) continue
    if (change.after === undefined) leaves.delete(change.pointer)
    else leaves.set(change.pointer, change.after)
  }
  return build(leaves)
}
