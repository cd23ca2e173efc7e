import { useCallback, useEffect, useState } from 'react'

const PREFIX = 'toolmarket:'

/** Read a remembered value; the fallback where there is none or the storage is closed. */
export function recall<Value>(key: string, fallback: Value): Value {
  try {
    const text = localStorage.getItem(PREFIX + key)
    return text === null ? fallback : (JSON.parse(text) as Value)
  } catch {
    return fallback
  }
}

/** Remember a value on this device; a full or closed storage loses it quietly. */
export function remember(key: string, value: unknown): void {
  try {
    if (value === undefined) localStorage.removeItem(PREFIX + key)
    else localStorage.setItem(PREFIX + key, JSON.stringify(value))
  } catch {
    // Private windows may refuse; the page works on without memory.
  }
}

/** Forget what this device remembers of a person, but for what is named. */
export function forgetAll(kept: readonly string[]): void {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX) && !kept.includes(key.slice(PREFIX.length))) localStorage.removeItem(key)
  } catch {
    // There was nothing to forget.
  }
}

/** State that survives reload. Never for secrets. */
export function useRemembered<Value>(key: string, fallback: Value) {
  const [value, setValue] = useState(() => recall(key, fallback))
  useEffect(() => remember(key, value), [key, value])
  const forget = useCallback(() => {
    remember(key, undefined)
    setValue(fallback)
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the fallback is a constant of the caller
  }, [key])
  return [value, setValue, forget] as const
}
