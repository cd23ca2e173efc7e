import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { ApiKey, Member, Page, Permissions } from '~/app/api-types'
import { get, post, remove, request } from '~/app/client'
import { identityKeys } from './keys'

export const useMembers = () =>
  useQuery({ queryKey: identityKeys.members, queryFn: ({ signal }) => get<Page<Member>>('/v1/members', signal) })

export const usePermissions = () =>
  useQuery({ queryKey: identityKeys.permissions, staleTime: Infinity, queryFn: ({ signal }) => get<Permissions>('/v1/permissions', signal) })

export function useChangeRole() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: ({ id, role }: { id: string; role: string }) => request<Member>(`/v1/members/${id}`, { method: 'PATCH', body: { role } }),
    onSettled: () => cache.invalidateQueries({ queryKey: identityKeys.members }),
  })
}

export const useApiKeys = () =>
  useQuery({ queryKey: identityKeys.apiKeys, queryFn: ({ signal }) => get<Page<ApiKey>>('/v1/keys', signal) })

export interface KeyDraft {
  name: string
  role?: string
  expires_in_days?: number
}

/** Make a key. The answer is the only time that its text is known. */
export function useCreateKey() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (draft: KeyDraft) => post<ApiKey & { key: string }>('/v1/keys', draft),
    onSuccess: () => cache.invalidateQueries({ queryKey: identityKeys.apiKeys }),
  })
}

export function useRevokeKey() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => remove(`/v1/keys/${id}`),
    onSuccess: () => cache.invalidateQueries({ queryKey: identityKeys.apiKeys }),
  })
}
