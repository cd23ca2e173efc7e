/** Keys of what this feature reads. */
export const importKeys = {
  tool: (name: string) => ['catalog', 'tool', name] as const,
  one: (id: string) => ['importers', 'import', id] as const,
}
