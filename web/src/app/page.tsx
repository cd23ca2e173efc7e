import { type ReactNode, useEffect, useSyncExternalStore } from 'react'
import { createPortal } from 'react-dom'
import { Link } from '@tanstack/react-router'
import { Icon } from '~/design/icons'
import { Skeleton } from '~/design/parts'
import { ProblemNote } from './problem-note'

export interface Crumb {
  readonly label: string
  readonly to?: string
}

const noSubscription = () => () => {}

/** Name the page in the window's title and in the breadcrumb of the bar. */
export function PageName({ title, crumbs = [] }: { readonly title: string; readonly crumbs?: readonly Crumb[] }) {
  useEffect(() => {
    document.title = `${title} · Tool Marketplace`
  }, [title])
  const place = useSyncExternalStore(noSubscription, () => document.getElementById('crumbs'))
  if (!place) return null
  return createPortal(
    <ol className="crumbs">
      {crumbs.map((crumb) => (
        <li key={crumb.label} className="crumb-above">
          {crumb.to ? <Link to={crumb.to}>{crumb.label}</Link> : crumb.label}
          <Icon name="chevron-right" small />
        </li>
      ))}
      <li aria-current="page" className="clip">
        {title}
      </li>
    </ol>,
    place,
  )
}

interface PageProps {
  readonly title: string
  readonly crumbs?: readonly Crumb[]
  /** Shown as the heading where it says more than the title. */
  readonly heading?: ReactNode
  readonly mark?: ReactNode
  readonly sub?: ReactNode
  readonly actions?: ReactNode
  readonly children: ReactNode
}

/** A page with its heading and acts; the one heading of level 1. */
export function Page({ title, crumbs, heading, mark, sub, actions, children }: PageProps) {
  return (
    <div className="page">
      <PageName title={title} crumbs={crumbs} />
      <div className="page-head">
        {mark}
        <div className="grow">
          {heading ?? <h1>{title}</h1>}
          {sub && <div className="hint">{sub}</div>}
        </div>
        {actions && <div className="page-actions">{actions}</div>}
      </div>
      {children}
    </div>
  )
}

interface LoadedProps<Data> {
  readonly query: { readonly data: Data | undefined; readonly error: unknown; readonly refetch: () => unknown }
  readonly failure: string
  readonly rows?: number
  readonly children: (data: Data) => ReactNode
}

/** A part of a page that waits for data: a skeleton, a plain problem with a way on, or the part. */
export function Loaded<Data>({ query, failure, rows = 4, children }: LoadedProps<Data>) {
  if (query.data !== undefined) return children(query.data)
  if (query.error) return <ProblemNote error={query.error} title={failure} onRetry={() => void query.refetch()} />
  return <Skeleton rows={rows} />
}
