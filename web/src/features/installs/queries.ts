import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { Installation, InstallationItem, Json, JsonObject, Page, RunAnswer, Toolset } from '~/app/api-types'
import { get, post, remove, request } from '~/app/client'
import type { ToolDetail } from '~/app/manifest-types'
import { installKeys } from './keys'

export const useInstallations = () =>
  useQuery({ queryKey: installKeys.list, queryFn: ({ signal }) => get<Page<InstallationItem>>('/v1/installations?limit=100', signal) })

export const useInstallation = (id: string | undefined) =>
  useQuery({ queryKey: installKeys.one(id ?? ''), enabled: id !== undefined, queryFn: ({ signal }) => get<Installation>(`/v1/installations/${id}`, signal) })

export const useToolToInstall = (name: string) =>
  useQuery({ queryKey: installKeys.tool(name), queryFn: ({ signal }) => get<ToolDetail>(`/v1/tools/${name}`, signal) })

export interface InstallRequest {
  tool: string
  version?: string
  alias: string
  config: JsonObject
  bindings: Record<string, string>
}

function useForget() {
  const cache = useQueryClient()
  return () => {
    void cache.invalidateQueries({ queryKey: ['installs'] })
    void cache.invalidateQueries({ queryKey: ['catalog'] })
    void cache.invalidateQueries({ queryKey: ['home'] })
  }
}

export function useInstall() {
  const onSuccess = useForget()
  return useMutation({ mutationFn: (body: InstallRequest) => post<Installation>('/v1/installations', body), onSuccess })
}

export function useChangeInstallation(id: string) {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (change: Partial<Pick<Installation, 'alias' | 'config' | 'bindings' | 'version' | 'state'>>) => request<Installation>(`/v1/installations/${id}`, { method: 'PATCH', body: change }),
    onSuccess: (now) => {
      cache.setQueryData(installKeys.one(id), now)
      return cache.invalidateQueries({ queryKey: installKeys.list })
    },
  })
}

export function useUninstall() {
  const onSuccess = useForget()
  return useMutation({ mutationFn: (id: string) => remove(`/v1/installations/${id}`), onSuccess })
}

export function useRestoreInstallation() {
  const onSuccess = useForget()
  return useMutation({ mutationFn: (id: string) => post<Installation>(`/v1/installations/${id}/restore`), onSuccess })
}

/** Call an installed operation, as an agent would. */
export const useCallOperation = (id: string, operation: string) =>
  useMutation({
    mutationFn: (input: JsonObject) =>
      request<RunAnswer>(`/v1/installations/${id}/operations/${operation}/runs`, { method: 'POST', body: input, headers: { 'Idempotency-Key': crypto.randomUUID() } }),
  })

export const useExport = (id: string, form: string) =>
  useQuery({ queryKey: installKeys.export(id, form), queryFn: ({ signal }) => get<Json>(`/v1/installations/${id}/exports/${form}`, signal) })

export const useToolsets = () => useQuery({ queryKey: installKeys.toolsets, queryFn: ({ signal }) => get<Page<Toolset>>('/v1/toolsets?limit=100', signal) })

/** Where agents find a toolset; the browser's own origin is one that works. */
export const toolsetAddress = (slug: string): string => `${location.origin}/mcp/${slug}`

export interface ToolsetDraft {
  name: string
  slug: string
  prefix: boolean
  items: NonNullable<Toolset['items']>
}

export function useSaveToolset() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: ({ id, draft: { slug, ...rest } }: { id?: string; draft: ToolsetDraft }) =>
      id ? request<Toolset>(`/v1/toolsets/${id}`, { method: 'PATCH', body: rest }) : post<Toolset>('/v1/toolsets', { slug, ...rest }),
    onSuccess: () => cache.invalidateQueries({ queryKey: installKeys.toolsets }),
  })
}

export function useDeleteToolset() {
  const cache = useQueryClient()
  return useMutation({ mutationFn: (id: string) => remove(`/v1/toolsets/${id}`), onSuccess: () => cache.invalidateQueries({ queryKey: installKeys.toolsets }) })
}
