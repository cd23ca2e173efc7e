/** Keys of what this feature reads. */
export const importKeys = {
  one: (id: string) => ['importers', 'import', id] as const,
}
