import type { Import } from '~/app/api-types'

export type SourceKind = 'file' | 'paste' | 'url' | 'mcp'

/** What was answered so far; survives reload. The description itself is kept by the server once it was read. */
export interface Answers {
  step: number
  source: SourceKind
  text: string
  url: string
  filename: string
  /** The credential to ask an MCP server with. */
  connectionId?: string
  importId?: string
  chosen: string[]
  slug: string
  title: string
  summary: string
}

export const nothing: Answers = { step: 0, source: 'file', text: '', url: '', filename: '', chosen: [], slug: '', title: '', summary: '' }

/** More operations than this are not all chosen from the start: an agent works better with few. */
const CHOSEN_AT_FIRST = 40
const SUMMARY_CHARACTERS = 100

/** What follows from a description that was just read. */
export function answersFrom(made: Import): Partial<Answers> {
  const usable = made.operations.filter((operation) => !operation.deprecated)
  return {
    importId: made.id,
    text: '',
    chosen: usable.length <= CHOSEN_AT_FIRST ? usable.map((operation) => operation.name) : [],
    slug: made.suggested_name.split('/').at(-1) ?? '',
    title: made.title,
    summary: made.summary.slice(0, SUMMARY_CHARACTERS),
  }
}

const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?$/

export function slugProblem(slug: string): string | undefined {
  if (!slug) return 'Give the tool a name.'
  return SLUG.test(slug) ? undefined : 'Lower-case letters, digits and hyphens; at most 48, no hyphen at the ends.'
}
