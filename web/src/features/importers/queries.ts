import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { Import } from '~/app/api-types'
import { get, post } from '~/app/client'
import type { Draft, ToolDetail } from '~/app/manifest-types'
import { importKeys } from './keys'

export interface Source {
  kind: 'auto' | 'mcp'
  content?: string
  url?: string
  filename?: string
  connection_id?: string
}

export function useCreateImport() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (source: Source) => post<Import>('/v1/imports', source),
    onSuccess: (made) => cache.setQueryData(importKeys.one(made.id), made),
  })
}

export const useImport = (id: string | undefined) =>
  useQuery({
    queryKey: importKeys.one(id ?? ''),
    enabled: Boolean(id),
    staleTime: Infinity,
    retry: false,
    queryFn: ({ signal }) => get<Import>(`/v1/imports/${id}`, signal),
  })

/** The tool that has a name; an error where there is none. */
export const useNamedTool = (name: string, enabled: boolean) =>
  useQuery({ queryKey: importKeys.tool(name), enabled, retry: false, queryFn: ({ signal }) => get<ToolDetail>(`/v1/tools/${name}`, signal) })

export interface DraftRequest {
  import_id: string
  operations: string[]
  name: string
  title: string
  summary: string
}

export const useCreateDraft = () => useMutation({ mutationFn: (draft: DraftRequest) => post<Draft>('/v1/drafts', draft) })
