import { useQuery } from '@tanstack/react-query'
import type { Home } from '~/app/api-types'
import { get } from '~/app/client'
import { homeKeys } from './keys'

export const useHome = () => useQuery({ queryKey: homeKeys.home, queryFn: ({ signal }) => get<Home>('/v1/home', signal), refetchInterval: 30_000 })
