import type { IconName } from '~/design/icons'

export interface Place {
  readonly to: string
  readonly label: string
  readonly icon: IconName
  /** Shown to those whose role has this verb. */
  readonly verb?: string
  /** The second letter of its `g` shortcut. */
  readonly letter?: string
  readonly low?: boolean
}

/** Where one can go. Only what exists is listed. */
export const places: readonly Place[] = [
  { to: '/', label: 'Home', icon: 'home', letter: 'h' },
  { to: '/market', label: 'Market', icon: 'market', verb: 'tools:read', letter: 'm' },
  { to: '/build', label: 'Build', icon: 'build', verb: 'drafts:read', letter: 'b' },
  { to: '/installed', label: 'Installed', icon: 'installed', verb: 'installations:read', letter: 'i' },
  { to: '/runs', label: 'Runs', icon: 'runs', verb: 'runs:read', letter: 'r' },
  { to: '/connections', label: 'Connections', icon: 'key', verb: 'connections:read', letter: 'c' },
  { to: '/toolsets', label: 'Toolsets', icon: 'box', verb: 'toolsets:read', letter: 't' },
  { to: '/connect', label: 'Connect your agent', icon: 'link', verb: 'installations:read', letter: 'a' },
  { to: '/settings', label: 'Settings', icon: 'settings', letter: 's', low: true },
]

export const isAt = (place: Place, path: string): boolean =>
  place.to === '/' ? path === '/' : path === place.to || path.startsWith(`${place.to}/`)
