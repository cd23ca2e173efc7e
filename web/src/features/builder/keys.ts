/** Keys of what this feature reads. */
export const builderKeys = {
  drafts: ['builder', 'drafts'] as const,
  draft: (id: string) => ['builder', 'draft', id] as const,
  preview: (id: string, operation: string, revision: number) => ['builder', 'preview', id, operation, revision] as const,
  publication: (id: string) => ['builder', 'publication', id] as const,
  run: (id: string) => ['builder', 'run', id] as const,
}
