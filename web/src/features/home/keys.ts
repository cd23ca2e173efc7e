/** Keys of what this feature reads. */
export const homeKeys = { home: ['home'] as const }
