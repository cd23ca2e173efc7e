import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { Connection, ConnectionTest, Page } from '~/app/api-types'
import { get, post, remove, request } from '~/app/client'
import { vaultKeys } from './keys'

export const useConnections = () =>
  useQuery({ queryKey: vaultKeys.connections, queryFn: ({ signal }) => get<Page<Connection>>('/v1/connections?limit=100', signal) })

export interface ConnectionDraft {
  name: string
  kind: Connection['kind']
  scope: Connection['scope']
  secret: Record<string, string>
  hosts: readonly string[]
}

function useRefresh() {
  const cache = useQueryClient()
  return () => cache.invalidateQueries({ queryKey: vaultKeys.connections })
}

export function useCreateConnection() {
  const onSuccess = useRefresh()
  return useMutation({ mutationFn: (draft: ConnectionDraft) => post<Connection>('/v1/connections', draft), onSuccess })
}

export function useRotateSecret(id: string) {
  const onSuccess = useRefresh()
  return useMutation({
    mutationFn: (secret: Record<string, string>) => request<Connection | undefined>(`/v1/connections/${id}/secret`, { method: 'PUT', body: { secret } }),
    onSuccess,
  })
}

export function useDeleteConnection() {
  const onSuccess = useRefresh()
  return useMutation({ mutationFn: (id: string) => remove(`/v1/connections/${id}`), onSuccess })
}

/** Where to try a credential, and where it travels. */
export interface TestPlace {
  url?: string
  location?: 'header' | 'query' | 'cookie'
  parameter?: string
}

export function useTestConnection() {
  const onSettled = useRefresh()
  return useMutation({
    mutationFn: ({ id, ...where }: { id: string } & TestPlace) => post<ConnectionTest>(`/v1/connections/${id}/test`, where),
    onSettled,
  })
}
