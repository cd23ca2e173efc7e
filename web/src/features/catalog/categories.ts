const words = {
  ai: 'AI', analytics: 'Analytics', commerce: 'Commerce', communication: 'Communication', content: 'Content', crm: 'Customer records', data: 'Data', design: 'Design',
  developer: 'Developer tools', documents: 'Documents', education: 'Education', entertainment: 'Entertainment', finance: 'Finance', health: 'Health', hr: 'People',
  infrastructure: 'Infrastructure', legal: 'Legal', location: 'Location', logistics: 'Logistics', marketing: 'Marketing', media: 'Media', productivity: 'Productivity',
  science: 'Science', search: 'Search', security: 'Security', social: 'Social', storage: 'Storage', support: 'Support', travel: 'Travel', weather: 'Weather', other: 'Other',
}

/** The closed list of categories, as the server knows them. */
export const categories: readonly (readonly [string, string])[] = Object.entries(words)

export const categoryWord = (id: string): string => (words as Record<string, string>)[id] ?? id
