import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef } from 'react'
import type { Connect, InstallationItem, Page, RunDetail, RunRow, Toolset } from '~/app/api-types'
import { get, query } from '~/app/client'
import { type LiveEvent, useEvents } from '~/app/events'
import { type RunFilters, sinceOf } from './filters'
import { runKeys } from './keys'

export function useRuns(filters: RunFilters, limit: number) {
  const { within, ...rest } = filters
  return useInfiniteQuery({
    queryKey: runKeys.list(filters, limit),
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) => get<Page<RunRow>>(`/v1/runs${query({ ...rest, since: sinceOf(within, Date.now()), cursor: pageParam, limit })}`, signal),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })
}

export const useRun = (id: string) =>
  useQuery({
    queryKey: runKeys.one(id),
    queryFn: ({ signal }) => get<RunDetail>(`/v1/runs/${id}`, signal),
    refetchInterval: (now) => (now.state.data?.ended === false ? 1_000 : false),
  })

export const useConnect = () => useQuery({ queryKey: runKeys.connect, queryFn: ({ signal }) => get<Connect>('/v1/connect', signal) })

/** At most one refresh in this time, however many runs finish. */
const REFRESH_MILLISECONDS = 700

/** Call back, not too often, when runs have finished; `count` is how many since the last time. */
export function useFinishedRuns(onRuns: (count: number) => void): void {
  const waiting = useRef(0)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const latest = useRef(onRuns)
  useEffect(() => {
    latest.current = onRuns
  }, [onRuns])
  const onEvent = useCallback((event: LiveEvent) => {
    // One event may tell of many runs.
    waiting.current += typeof event.data['count'] === 'number' ? event.data['count'] : 1
    timer.current ??= setTimeout(() => {
      timer.current = undefined
      const count = waiting.current
      waiting.current = 0
      latest.current(count)
    }, REFRESH_MILLISECONDS)
  }, [])
  useEffect(() => () => clearTimeout(timer.current), [])
  useEvents('runtime.run', onEvent)
}

/** The newest run that was called with a key. */
export const useCallOfKey = (keyId: string | undefined) =>
  useQuery({ queryKey: [...runKeys.connect, 'key', keyId], enabled: keyId !== undefined, queryFn: ({ signal }) => get<Page<RunRow>>(`/v1/runs${query({ principal_id: keyId, limit: 1 })}`, signal) })

/** Read the newest runs again. */
export function useRefreshRuns() {
  const cache = useQueryClient()
  return useCallback(() => void cache.invalidateQueries({ queryKey: runKeys.all }), [cache])
}

/** Ask again whether somebody has called. */
export function useRefreshConnect() {
  const cache = useQueryClient()
  return useCallback(() => void cache.invalidateQueries({ queryKey: runKeys.connect }), [cache])
}

/** Selections of operations that have an address of their own. */
export const useToolsetAddresses = () =>
  useQuery({ queryKey: [...runKeys.connect, 'toolsets'], queryFn: ({ signal }) => get<Page<Toolset>>('/v1/toolsets?limit=100', signal) })

/** What can be filtered by. */
export const useInstallationNames = () =>
  useQuery({ queryKey: [...runKeys.all, 'installations'], staleTime: 60_000, queryFn: ({ signal }) => get<Page<InstallationItem>>('/v1/installations?limit=100', signal) })
