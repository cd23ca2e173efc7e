const ALIAS = /^[a-z][a-z0-9-]{0,14}$/

/** The alias stands before every operation's name: `<alias>_<operation>`. */
export function aliasProblem(alias: string): string | undefined {
  if (!alias) return 'Give the installation an alias.'
  return ALIAS.test(alias) ? undefined : 'Begin with a letter; lower-case letters, digits and hyphens, at most 15.'
}

/** A fitting alias for a tool's name. */
export function suggestAlias(slug: string): string {
  const cleaned = slug.toLowerCase().replace(/[^a-z0-9-]+/g, '-').replace(/^[^a-z]+/, '')
  return cleaned.slice(0, 15).replace(/-+$/, '') || 'tool'
}
