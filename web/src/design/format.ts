const number = new Intl.NumberFormat('en-GB')

/** 12,345. */
export const count = (value: number): string => number.format(value)

/** "1 run", "3 runs"; the plural is given where it is not an s. */
export const plural = (value: number, one: string, many = `${one}s`): string => `${count(value)} ${value === 1 ? one : many}`

/** A duration as people compare it: 4.6 ms, 952 ms, 10.0 s. */
export function duration(milliseconds: number | null | undefined): string {
  if (milliseconds === null || milliseconds === undefined) return '–'
  if (milliseconds >= 10_000) return `${(milliseconds / 1_000).toFixed(1)} s`
  if (milliseconds >= 1_000) return `${(milliseconds / 1_000).toFixed(2)} s`
  return milliseconds >= 10 ? `${Math.round(milliseconds)} ms` : `${milliseconds.toFixed(1)} ms`
}

/** 1.9 kB. */
export function bytes(value: number): string {
  if (value >= 1_000_000) return `${(value / 1_000_000).toFixed(1)} MB`
  return value >= 1_000 ? `${(value / 1_000).toFixed(1)} kB` : `${value} B`
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const date = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })
const exactForm = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'long' })

/** Relative up to a day, then the date. */
export function ago(at: string, now: number): string {
  const seconds = Math.round((now - Date.parse(at)) / 1_000)
  // The clock ticks every ten seconds, so newer moments may lie ahead of it.
  if (seconds < 10) return 'just now'
  if (seconds < 60) return `${seconds} s ago`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ago`
  return date.format(new Date(at))
}

export const timeOfDay = (at: string): string => clock.format(new Date(at))
export const day = (at: string): string => date.format(new Date(at))
export const exact = (at: string): string => exactForm.format(new Date(at))
