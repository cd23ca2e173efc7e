import type { RunFilters } from './filters'

/** Keys of what this feature reads. */
export const runKeys = {
  all: ['runtime', 'runs'] as const,
  list: (filters: RunFilters, limit: number) => ['runtime', 'runs', 'list', filters, limit] as const,
  one: (id: string) => ['runtime', 'runs', 'one', id] as const,
  connect: ['runtime', 'connect'] as const,
}
