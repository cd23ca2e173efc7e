/** Keys of what this feature reads. */
export const catalogKeys = {
  tools: (q: string, category: string) => ['catalog', 'tools', q, category] as const,
  tool: (name: string) => ['catalog', 'tool', name] as const,
  reviews: (name: string) => ['catalog', 'reviews', name] as const,
}
