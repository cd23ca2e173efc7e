/** The filters of the list of runs; they live in the address. */
export interface RunFilters {
  readonly outcome?: string
  readonly channel?: string
  readonly operation?: string
  readonly installation_id?: string
  readonly principal_id?: string
  readonly within?: string
}

const names = ['outcome', 'channel', 'operation', 'installation_id', 'principal_id', 'within'] as const

/** Read filters from an address; unknown members are left out. */
export function readFilters(search: Record<string, unknown>): RunFilters {
  const filters: Record<string, string> = {}
  for (const name of names) {
    const value = search[name]
    if (typeof value === 'string' && value) filters[name] = value
    else if (typeof value === 'number') filters[name] = String(value)
  }
  return filters
}

export const outcomes = ['ok', 'tool_error', 'upstream_error', 'denied', 'timeout', 'unknown', 'pending_approval'] as const
export const channels: Record<string, string> = { rest: 'REST', mcp: 'MCP', try: 'Try-it', chain: 'Chain', demo: 'Demo' }

const hours: Record<string, number> = { hour: 1, day: 24, week: 168 }

/** The moment from which runs are shown. */
export function sinceOf(within: string | undefined, now: number): string | undefined {
  const span = hours[within ?? '']
  return span === undefined ? undefined : new Date(now - span * 3_600_000).toISOString()
}
