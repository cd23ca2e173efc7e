import { useQuery } from '@tanstack/react-query'
import { get } from '~/app/client'
import type { DraftListItem } from '~/app/manifest-types'
import { homeKeys } from './keys'

export interface Step {
  id: 'import' | 'try' | 'publish' | 'install' | 'connect' | 'call'
  done: boolean
  at: string | null
  detail: string | null
}

export interface Home {
  steps: Step[]
  runs_today: number
  succeeded_share: number | null
  drafts: DraftListItem[]
  alerts: { id: string; level: string; title: string; detail: string; href: string | null }[]
}

export const useHome = () => useQuery({ queryKey: homeKeys.home, queryFn: ({ signal }) => get<Home>('/v1/home', signal), refetchInterval: 30_000 })
