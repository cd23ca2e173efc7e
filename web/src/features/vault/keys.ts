/** Keys of what this feature reads. */
export const vaultKeys = {
  connections: ['vault', 'connections'] as const,
}
