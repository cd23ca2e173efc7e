import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState } from 'react'
import { get } from '~/app/client'
import { type LiveEvent, useEvents } from '~/app/events'
import type { Draft, Manifest } from '~/app/manifest-types'
import { ProblemError } from '~/app/problem'
import { recall, remember } from '~/app/storage'
import * as history from './history'
import { builderKeys } from './keys'
import { saveDraft } from './queries'

export type SaveState = 'saved' | 'unsaved' | 'saving' | 'failed' | 'conflict'

const PAUSE_MILLISECONDS = 700
const RETRY_MILLISECONDS = 4_000

interface Unsaved {
  revision: number
  /** What the server had at that revision. */
  base: Manifest
  manifest: Manifest
}

const KEEP_MILLISECONDS = 300
const keeping = new Map<string, ReturnType<typeof setTimeout>>()

/** Keep what the server does not have yet on this device; large drafts are not written at every key. */
function keepSoon(id: string, now: Unsaved & { state: SaveState }): void {
  clearTimeout(keeping.get(id))
  const keep = () => {
    if (now.state !== 'saved') remember(`unsaved:${id}`, { revision: now.revision, base: now.base, manifest: now.manifest })
  }
  keeping.set(id, setTimeout(keep, KEEP_MILLISECONDS))
}

export interface DraftEditor {
  readonly manifest: Manifest
  /** The last answer of the server. */
  readonly saved: Draft
  readonly state: SaveState
  readonly error: unknown
  /** What somebody else wrote meanwhile. */
  readonly theirs: Draft | undefined
  readonly canUndo: boolean
  readonly canRedo: boolean
  /** Change the manifest; edits of one group that follow quickly are one step of undo. */
  readonly edit: (change: (manifest: Manifest) => Manifest, group?: string) => void
  readonly undo: () => void
  readonly redo: () => void
  /** Write now; resolves true when the server has everything. */
  readonly flush: () => Promise<boolean>
  readonly resolve: (manifest: Manifest) => void
}

/** The draft under edit: every change is written to the server, which owns the document. */
export function useDraftEditor(draft: Draft): DraftEditor {
  const cache = useQueryClient()
  const kept = recall<Unsaved | undefined>(`unsaved:${draft.id}`, undefined)
  const [steps, setSteps] = useState(() => history.begin(kept?.manifest ?? draft.manifest))
  const [saved, setSaved] = useState<Draft>(() => (kept ? { ...draft, revision: kept.revision, manifest: kept.base } : draft))
  const [state, setState] = useState<SaveState>(kept ? 'unsaved' : 'saved')
  const [error, setError] = useState<unknown>()
  const [theirs, setTheirs] = useState<Draft>()
  const latest = useRef({ manifest: steps.now, written: kept ? undefined : steps.now, base: saved.manifest, revision: saved.revision, state })
  const writing = useRef<Promise<boolean>>(undefined)

  const settle = useCallback((next: SaveState) => {
    latest.current.state = next
    setState(next)
  }, [])

  const accept = useCallback(
    (answer: Draft, written: Manifest) => {
      latest.current.revision = answer.revision
      latest.current.base = answer.manifest
      latest.current.written = written
      setSaved(answer)
      setError(undefined)
      cache.setQueryData(builderKeys.draft(answer.id), answer)
      const done = latest.current.manifest === written
      if (done) remember(`unsaved:${answer.id}`, undefined)
      settle(done ? 'saved' : 'unsaved')
    },
    [cache, settle],
  )

  const write = useCallback(async (): Promise<boolean> => {
    const { manifest, revision, written } = latest.current
    if (manifest === written) return true
    settle('saving')
    try {
      accept(await saveDraft(draft.id, revision, manifest), manifest)
      return true
    } catch (failure) {
      const current = failure instanceof ProblemError && failure.document.status === 412 ? (failure.document['current'] as Draft | undefined) : undefined
      if (current) setTheirs(current)
      else setError(failure)
      settle(current ? 'conflict' : 'failed')
      return false
    }
  }, [draft.id, accept, settle])

  const flush = useCallback(async (): Promise<boolean> => {
    while (writing.current) await writing.current
    writing.current = write().finally(() => (writing.current = undefined))
    return writing.current
  }, [write])

  useEffect(() => {
    if (state !== 'unsaved' && state !== 'failed') return
    const timer = setTimeout(() => void flush(), state === 'failed' ? RETRY_MILLISECONDS : PAUSE_MILLISECONDS)
    return () => clearTimeout(timer)
  }, [state, steps, flush])

  useEffect(() => {
    const present = latest.current
    const warn = (event: BeforeUnloadEvent) => {
      if (present.state !== 'saved') event.preventDefault()
    }
    window.addEventListener('beforeunload', warn)
    return () => {
      window.removeEventListener('beforeunload', warn)
      if (present.state === 'unsaved') void flush()
    }
  }, [flush])

  const move = useCallback(
    (change: (before: history.History<Manifest>) => history.History<Manifest>) => {
      setSteps((before) => {
        const after = change(before)
        if (after.now === before.now) return before
        latest.current.manifest = after.now
        keepSoon(draft.id, latest.current)
        return after
      })
      if (latest.current.state !== 'conflict' && latest.current.state !== 'saving') settle('unsaved')
    },
    [draft.id, settle],
  )

  const resolve = useCallback(
    (manifest: Manifest) => {
      if (!theirs) return
      latest.current.revision = theirs.revision
      latest.current.base = theirs.manifest
      latest.current.written = theirs.manifest
      setSaved(theirs)
      setTheirs(undefined)
      settle('unsaved')
      move((before) => history.edit(before, manifest, '', 0))
    },
    [theirs, move, settle],
  )

  const onOtherSave = useCallback(
    (event: LiveEvent) => {
      if (event.subject !== draft.id || latest.current.state !== 'saved') return
      void get<Draft>(`/v1/drafts/${draft.id}`).then((now) => {
        if (now.revision <= latest.current.revision || latest.current.state !== 'saved') return
        latest.current.manifest = now.manifest
        setSteps((before) => history.edit(before, now.manifest, '', 0))
        accept(now, now.manifest)
      })
    },
    [draft.id, accept],
  )
  useEvents('builder.draft', onOtherSave)

  return {
    manifest: steps.now,
    saved,
    state,
    error,
    theirs,
    canUndo: steps.past.length > 0,
    canRedo: steps.future.length > 0,
    edit: useCallback((change, group = '') => move((before) => history.edit(before, change(before.now), group, Date.now())), [move]),
    undo: useCallback(() => move(history.undo), [move]),
    redo: useCallback(() => move(history.redo), [move]),
    flush,
    resolve,
  }
}
