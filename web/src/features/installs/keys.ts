/** Keys of what this feature reads. */
export const installKeys = {
  list: ['installs', 'list'] as const,
  one: (id: string) => ['installs', 'one', id] as const,
  export: (id: string, form: string) => ['installs', 'export', id, form] as const,
  toolsets: ['installs', 'toolsets'] as const,
  tool: (name: string) => ['catalog', 'tool', name] as const,
}
