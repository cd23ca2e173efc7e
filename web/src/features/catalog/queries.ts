import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { Page, Review, ReviewCreate, ToolListItem } from '~/app/api-types'
import { get, post, query, request } from '~/app/client'
import type { ToolDetail } from '~/app/manifest-types'
import { catalogKeys } from './keys'

export const useTools = (q: string, category: string) =>
  useInfiniteQuery({
    queryKey: catalogKeys.tools(q, category),
    initialPageParam: '',
    placeholderData: keepPreviousData,
    queryFn: ({ pageParam, signal }) => get<Page<ToolListItem>>(`/v1/tools${query({ q, category, cursor: pageParam, limit: 48 })}`, signal),
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })

export const useTool = (name: string) =>
  useQuery({ queryKey: catalogKeys.tool(name), queryFn: ({ signal }) => get<ToolDetail>(`/v1/tools/${name}`, signal) })

export interface VersionChange {
  version: string
  state: string
  message?: string
}

export function useChangeVersion(name: string) {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: ({ version, ...body }: VersionChange) => post(`/v1/tools/${name}/versions/${version}/state`, body),
    onSuccess: () => cache.invalidateQueries({ queryKey: catalogKeys.tool(name) }),
  })
}

export const useReviews = (name: string) =>
  useQuery({ queryKey: catalogKeys.reviews(name), queryFn: ({ signal }) => get<Page<Review>>(`/v1/tools/${name}/reviews`, signal) })

/** Write one's review; the list of reviews and the rating refresh on success. */
export function useWriteReview(name: string) {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (review: ReviewCreate) => request<Review>(`/v1/tools/${name}/reviews/mine`, { method: 'PUT', body: review }),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['catalog'] }),
  })
}
