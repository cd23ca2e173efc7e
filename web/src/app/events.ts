import { useEffect } from 'react'
import { createStore } from './store'
import { type ServerSentEvent, readEvents } from './event-stream'

export interface LiveEvent {
  readonly id: string
  readonly type: string
  readonly subject: string | null
  readonly time: string
  readonly data: Record<string, unknown>
}

type Listener = (event: LiveEvent) => void

/** `at` is the moment of the last sign of life. */
export const stream = createStore<{ state: 'idle' | 'connecting' | 'live' | 'lost'; at: number }>({ state: 'idle', at: 0 })

const listeners = new Set<{ prefix: string; listener: Listener }>()
let abort: AbortController | undefined
let cursor = ''

function deliver({ id, event, data }: ServerSentEvent) {
  if (id) cursor = id
  stream.set({ state: 'live', at: Date.now() })
  if (!data) return
  const body = JSON.parse(data) as Partial<LiveEvent>
  const live = { id, type: body.type ?? event, subject: body.subject ?? null, time: body.time ?? '', data: body.data ?? {} }
  for (const each of listeners) if (live.type.startsWith(each.prefix)) each.listener(live)
}

async function follow(signal: AbortSignal) {
  const headers: Record<string, string> = { Accept: 'text/event-stream' }
  if (cursor) headers['Last-Event-ID'] = cursor
  const response = await fetch('/v1/events', { headers, signal, credentials: 'same-origin' })
  if (!response.ok || !response.body) throw new Error(`events answered ${response.status}`)
  stream.set({ state: 'live', at: Date.now() })
  await readEvents(response.body, deliver)
}

/** Follow the event stream until stopped; reconnects with a growing pause and resumes where it was. */
export function startEvents(): () => void {
  abort?.abort()
  const mine = new AbortController()
  abort = mine
  cursor = ''
  stream.set({ state: 'connecting', at: 0 })
  let pause = 500
  const loop = async () => {
    while (!mine.signal.aborted) {
      const began = Date.now()
      await follow(mine.signal).catch(() => undefined)
      if (mine.signal.aborted) return
      pause = Date.now() - began > 10_000 ? 500 : Math.min(pause * 2, 15_000)
      stream.set((now) => ({ ...now, state: 'lost' }))
      await new Promise((done) => setTimeout(done, pause))
    }
  }
  void loop()
  return () => {
    mine.abort()
    stream.set({ state: 'idle', at: 0 })
  }
}

/** Call the listener for each event whose type begins so; the listener must be stable. */
export function useEvents(prefix: string, listener: Listener): void {
  useEffect(() => {
    const entry = { prefix, listener }
    listeners.add(entry)
    return () => void listeners.delete(entry)
  }, [prefix, listener])
}
