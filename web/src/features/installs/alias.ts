const LENGTH = 15
const ALIAS = /^[a-z][a-z0-9-]{0,14}$/

/** The alias stands before every operation's name: `<alias>_<operation>`. */
export function aliasProblem(alias: string): string | undefined {
  if (!alias) return 'Give the installation an alias.'
  return ALIAS.test(alias) ? undefined : 'Begin with a letter; lower-case letters, digits and hyphens, at most 15.'
}

/** What is said of an alias that another installation has; undefined where it is free. */
export function takenProblem(alias: string, installed: readonly { readonly alias: string; readonly title: string }[]): string | undefined {
  const holder = installed.find((each) => each.alias === alias)
  if (!holder) return undefined
  const taken = new Set(installed.map((each) => each.alias))
  for (let number = 2; ; number++) {
    const ending = `-${number}`
    const free = alias.slice(0, LENGTH - ending.length) + ending
    if (!taken.has(free)) return `${holder.title} has this alias already. Choose another, such as ${free}.`
  }
}

/** A fitting alias for a tool's name. */
export function suggestAlias(slug: string): string {
  const cleaned = slug.toLowerCase().replace(/[^a-z0-9-]+/g, '-').replace(/^[^a-z]+/, '')
  return cleaned.slice(0, LENGTH).replace(/-+$/, '') || 'tool'
}
