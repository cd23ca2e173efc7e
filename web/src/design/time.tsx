import { useSyncExternalStore } from 'react'
import { ago, day, exact, timeOfDay } from './format'

let now = Date.now()
const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined

function subscribe(listener: () => void) {
  listeners.add(listener)
  timer ??= setInterval(() => {
    now = Date.now()
    for (const each of listeners) each()
  }, 10_000)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) {
      clearInterval(timer)
      timer = undefined
    }
  }
}

/** The present, not older than a tick; fresh where nobody follows it yet. */
function snapshot() {
  if (timer === undefined) now = Date.now()
  return now
}

/** A moment: relative up to a day, exact on hover. */
export function Ago({ at }: { readonly at: string }) {
  const moment = useSyncExternalStore(subscribe, snapshot)
  return (
    <time dateTime={at} title={exact(at)}>
      {ago(at, moment)}
    </time>
  )
}

/** The time of a row in a list of today; the date where it is older. */
export function Moment({ at }: { readonly at: string }) {
  const moment = useSyncExternalStore(subscribe, snapshot)
  const old = moment - Date.parse(at) > 86_400_000
  return (
    <time dateTime={at} title={exact(at)} className="no-wrap">
      {old ? `${day(at)} ` : ''}
      {timeOfDay(at)}
    </time>
  )
}
