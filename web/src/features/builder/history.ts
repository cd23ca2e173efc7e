export interface History<Value> {
  readonly past: readonly Value[]
  readonly now: Value
  readonly future: readonly Value[]
  /** Which field was edited last, and when: typing in one field is one step of undo. */
  readonly group: string
  readonly at: number
}

const GROUP_MILLISECONDS = 1_500
const KEPT = 200

export const begin = <Value>(now: Value): History<Value> => ({ past: [], now, future: [], group: '', at: 0 })

export function edit<Value>(history: History<Value>, now: Value, group: string, at: number): History<Value> {
  if (Object.is(now, history.now)) return history
  const continues = group !== '' && group === history.group && at - history.at < GROUP_MILLISECONDS
  const past = continues ? history.past : [...history.past, history.now].slice(-KEPT)
  return { past, now, future: [], group, at }
}

export function undo<Value>(history: History<Value>): History<Value> {
  const before = history.past.at(-1)
  if (before === undefined) return history
  return { past: history.past.slice(0, -1), now: before, future: [history.now, ...history.future], group: '', at: 0 }
}

export function redo<Value>(history: History<Value>): History<Value> {
  const [next, ...future] = history.future
  if (next === undefined) return history
  return { past: [...history.past, history.now], now: next, future, group: '', at: 0 }
}
