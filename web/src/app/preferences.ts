import { recall, remember } from './storage'
import { createStore } from './store'

export interface Appearance {
  readonly theme: 'system' | 'light' | 'dark'
  readonly density: 'regular' | 'compact'
  readonly letterKeys: boolean
}

const initial: Appearance = { theme: 'system', density: 'regular', letterKeys: true }

export const appearance = createStore<Appearance>({ ...initial, ...recall<Partial<Appearance>>('appearance', {}) })

/** Change how the application looks on this device; public/theme.js reads it before the first paint. */
export function setAppearance(change: Partial<Appearance>): void {
  appearance.set((now) => ({ ...now, ...change }))
  const { theme, density } = appearance.get()
  remember('appearance', appearance.get())
  const { dataset } = document.documentElement
  if (theme === 'system') delete dataset['theme']
  else dataset['theme'] = theme
  if (density === 'compact') dataset['density'] = 'compact'
  else delete dataset['density']
}
