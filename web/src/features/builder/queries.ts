import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { JsonObject, Page, RunAnswer, RunDetail } from '~/app/api-types'
import { get, post, remove, request } from '~/app/client'
import type { Draft, DraftListItem, Manifest, Preview, Publication, Published } from '~/app/manifest-types'
import { builderKeys } from './keys'

export const useDrafts = ({ enabled = true } = {}) =>
  useQuery({ queryKey: builderKeys.drafts, enabled, queryFn: ({ signal }) => get<Page<DraftListItem>>('/v1/drafts?limit=100', signal) })

export const useDraft = (id: string) =>
  useQuery({ queryKey: builderKeys.draft(id), staleTime: 0, refetchOnWindowFocus: false, queryFn: ({ signal }) => get<Draft>(`/v1/drafts/${id}`, signal) })

/** Write the whole manifest; refused when somebody wrote after `revision`. */
export const saveDraft = (id: string, revision: number, manifest: Manifest) =>
  request<Draft>(`/v1/drafts/${id}`, { method: 'PUT', body: { manifest }, headers: { 'If-Match': `"${revision}"` } })

export function useDeleteDraft() {
  const cache = useQueryClient()
  return useMutation({ mutationFn: (id: string) => remove(`/v1/drafts/${id}`), onSuccess: () => cache.invalidateQueries({ queryKey: builderKeys.drafts }) })
}

export function useRestoreDraft() {
  const cache = useQueryClient()
  return useMutation({ mutationFn: (id: string) => post<Draft>(`/v1/drafts/${id}/restore`), onSuccess: () => cache.invalidateQueries({ queryKey: builderKeys.drafts }) })
}

export const useCreateEmptyDraft = () => useMutation({ mutationFn: (draft: { name: string; title: string }) => post<Draft>('/v1/drafts', draft) })

export const usePreview = (id: string, operation: string, revision: number) =>
  useQuery({
    queryKey: builderKeys.preview(id, operation, revision),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    retry: false,
    queryFn: ({ signal }) => get<Preview>(`/v1/drafts/${id}/operations/${operation}/preview`, signal),
  })

export interface TryRequest {
  arguments: JsonObject
  config?: JsonObject
  connections?: Record<string, string>
}

export const useTryOperation = (id: string, operation: string) =>
  useMutation({ mutationFn: (body: TryRequest) => post<RunAnswer>(`/v1/drafts/${id}/operations/${operation}/runs`, body) })

export const useTriedRun = (id: string | undefined) =>
  useQuery({ queryKey: builderKeys.run(id ?? ''), enabled: Boolean(id), retry: 3, queryFn: ({ signal }) => get<RunDetail>(`/v1/runs/${id}`, signal) })

export const usePublication = (id: string) =>
  useQuery({ queryKey: builderKeys.publication(id), staleTime: 0, gcTime: 0, queryFn: ({ signal }) => get<Publication>(`/v1/drafts/${id}/publication`, signal) })

export function usePublish(id: string) {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: { version: string; notes?: string }) => post<Published>(`/v1/drafts/${id}/publication`, body),
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: ['builder'] })
      void cache.invalidateQueries({ queryKey: ['catalog'] })
      void cache.invalidateQueries({ queryKey: ['home'] })
    },
  })
}
