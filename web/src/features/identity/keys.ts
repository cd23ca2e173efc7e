/** Keys of what this feature reads. */
export const identityKeys = {
  members: ['identity', 'members'] as const,
  apiKeys: ['identity', 'keys'] as const,
  permissions: ['identity', 'permissions'] as const,
}
