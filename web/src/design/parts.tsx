import { type ReactNode, useId } from 'react'
import type { Tone } from './badge'
import { Icon, type IconName } from './icons'

interface CardProps {
  readonly title?: ReactNode
  readonly count?: ReactNode
  readonly actions?: ReactNode
  readonly padded?: boolean
  readonly level?: 2 | 3
  readonly children: ReactNode
}

/** A panel of the page, a named region where it has a title. */
export function Card({ title, count, actions, padded = false, level = 2, children }: CardProps) {
  const id = useId()
  const Heading = `h${level}` as const
  if (!title) return <div className={padded ? 'card card-padded' : 'card'}>{children}</div>
  return (
    <section className="card" aria-labelledby={id}>
      <div className="card-head">
        <Heading id={id}>{title}</Heading>
        {count}
        {actions && <div className="row row-wrap push">{actions}</div>}
      </div>
      {padded ? <div className="card-body">{children}</div> : children}
    </section>
  )
}

const noteIcons: Record<Tone, IconName> = { neutral: 'info', ok: 'check', warn: 'warn', danger: 'error', wait: 'check-circle', info: 'info' }

interface NoteProps {
  readonly tone?: Tone
  readonly title?: ReactNode
  readonly actions?: ReactNode
  readonly children?: ReactNode
  /** Spoken at once; only for failed acts of the user. */
  readonly alert?: boolean
}

/** An inline message: what happened, what it means, what to do. */
export function Note({ tone = 'neutral', title, actions, alert = false, children }: NoteProps) {
  return (
    <div className={tone === 'neutral' ? 'note' : `note note-${tone}`} role={alert ? 'alert' : undefined}>
      <span className={`tone-${tone}`}>
        <Icon name={noteIcons[tone]} />
      </span>
      <div className="grow wrap-anywhere">
        {title && (
          <p>
            <strong>{title}</strong>
          </p>
        )}
        {children}
        {actions && <div className="note-actions">{actions}</div>}
      </div>
    </div>
  )
}

interface EmptyProps {
  readonly icon: IconName
  readonly title: string
  readonly actions?: ReactNode
  readonly children: ReactNode
}

/** What will be here, why it helps, one way to begin. */
export function Empty({ icon, title, actions, children }: EmptyProps) {
  return (
    <div className="empty">
      <span className="empty-icon">
        <Icon name={icon} />
      </span>
      <h2>{title}</h2>
      <p>{children}</p>
      {actions && <div className="empty-actions">{actions}</div>}
    </div>
  )
}

/** Placeholder rows of the height that comes; shown only after 300 ms. */
export function Skeleton({ rows = 3 }: { readonly rows?: number }) {
  return (
    <div role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, row) => (
        <div className="skeleton" key={row} aria-hidden="true">
          <span style={{ width: `${34 + ((row * 17) % 30)}%` }} />
          <span style={{ width: '12%', marginLeft: 'auto' }} />
        </div>
      ))}
    </div>
  )
}

export interface Fact {
  readonly name: string
  readonly value: ReactNode
}

/** Names and values, one under the other. */
export function Facts({ facts, left = false }: { readonly facts: readonly Fact[]; readonly left?: boolean }) {
  return (
    <dl className={left ? 'facts facts-left' : 'facts'}>
      {facts.map((fact) => (
        <div key={fact.name} style={{ display: 'contents' }}>
          <dt>{fact.name}</dt>
          <dd>{fact.value}</dd>
        </div>
      ))}
    </dl>
  )
}

/** The first facts of a record, side by side. */
export function FactStrip({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <dl className="card strip">
      {facts.map((fact) => (
        <div key={fact.name}>
          <dt>{fact.name}</dt>
          <dd>{fact.value}</dd>
        </div>
      ))}
    </dl>
  )
}

/** How far something is, as a bar with its words. */
export function Meter({ label, value, of }: { readonly label: string; readonly value: number; readonly of: number }) {
  return (
    <div className="meter" role="progressbar" aria-label={label} aria-valuenow={value} aria-valuemin={0} aria-valuemax={of}>
      <span style={{ width: `${of ? (100 * value) / of : 0}%` }} />
    </div>
  )
}
