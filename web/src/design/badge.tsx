import type { ReactNode } from 'react'
import { Icon, type IconName } from './icons'

export type Tone = 'neutral' | 'ok' | 'warn' | 'danger' | 'wait' | 'info'

interface BadgeProps {
  readonly tone?: Tone
  readonly icon?: IconName
  readonly title?: string
  readonly children: ReactNode
}

/** A state in a word; the icon repeats what the colour says. */
export function Badge({ tone = 'neutral', icon, title, children }: BadgeProps) {
  return (
    <span className={tone === 'neutral' ? 'badge' : `badge badge-${tone}`} title={title}>
      {icon && <Icon name={icon} />}
      {children}
    </span>
  )
}

const effects: Record<string, readonly [Tone, IconName, string]> = {
  read: ['neutral', 'eye', 'Reads'],
  create: ['warn', 'plus', 'Creates'],
  update: ['warn', 'pen', 'Changes'],
  delete: ['danger', 'trash', 'Deletes'],
  opaque: ['wait', 'warn', 'Unclear'],
}

/** What an operation does to the world. */
export function EffectBadge({ kind }: { readonly kind: string }) {
  const [tone, icon, word] = effects[kind] ?? ['neutral', 'info', kind]
  return (
    <Badge tone={tone} icon={icon}>
      {word}
    </Badge>
  )
}

const outcomes: Record<string, readonly [Tone, IconName, string]> = {
  ok: ['ok', 'check', 'ok'],
  tool_error: ['danger', 'error', 'tool error'],
  upstream_error: ['danger', 'error', 'upstream error'],
  denied: ['danger', 'lock', 'denied'],
  pending_approval: ['wait', 'check-circle', 'waits'],
  timeout: ['danger', 'clock', 'timeout'],
  unknown: ['warn', 'warn', 'unknown'],
  running: ['info', 'refresh', 'running'],
}

/** How a run ended. */
export function OutcomeBadge({ outcome }: { readonly outcome: string }) {
  const [tone, icon, word] = outcomes[outcome] ?? ['neutral', 'info', outcome]
  return (
    <Badge tone={tone} icon={icon}>
      {word}
    </Badge>
  )
}

/** The word for an outcome in a filter or a sentence. */
export const outcomeWord = (outcome: string): string => outcomes[outcome]?.[2] ?? outcome

function hue(text: string): number {
  let sum = 7
  for (const letter of text) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 4_294_967_291
  return (sum % 8) + 1
}

function initials(text: string): string {
  const words = text.split(/[\s/_-]+/).filter(Boolean)
  const letters = words.length > 1 ? [words[0], words[1]].map((word) => word?.[0] ?? '') : [...(words[0] ?? '?')].slice(0, 2)
  return letters.join('').toUpperCase()
}

interface MonogramProps {
  readonly name: string
  readonly size?: 24 | 28 | 36 | 44 | 56
  readonly round?: boolean
}

/** A tile with the initials of a tool, an organisation or a person; decorative. */
export function Monogram({ name, size = 36, round = false }: MonogramProps) {
  return (
    <span className={`monogram monogram-${size} hue-${hue(name)}${round ? ' monogram-round' : ''}`} data-initials={initials(name)} aria-hidden="true" />
  )
}
