import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Loaded, Page } from '~/app/page'
import type { Home } from '~/app/api-types'
import { useCan, useSession } from '~/app/session'
import { Monogram } from '~/design/badge'
import { buttonClass } from '~/design/button'
import { plural } from '~/design/format'
import { Icon } from '~/design/icons'
import { Card, Skeleton } from '~/design/parts'
import { Ago } from '~/design/time'
import { FirstSteps } from './first-steps'
import { type Need, NeedsYou } from './needs-you'
import { useHome } from './queries'
import './home.css'

function greeting(now: Date): string {
  const hour = now.getHours()
  if (hour < 5) return 'Good night'
  if (hour < 12) return 'Good morning'
  return hour < 18 ? 'Good afternoon' : 'Good evening'
}

const today = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long' })

function Drafts({ drafts }: { readonly drafts: Home['drafts'] }) {
  return (
    <Card title="Drafts" actions={<Link to="/build">All drafts</Link>}>
      {drafts.length === 0 && <p className="card-body hint">No drafts. A draft is a tool that nobody else sees yet.</p>}
      <ul className="list">
        {drafts.slice(0, 4).map((draft) => (
          <li key={draft.id}>
            <Monogram name={draft.title} size={28} />
            <span className="grow">
              <Link className="strong" to="/build/tool/$draftId" params={{ draftId: draft.id }}>
                {draft.title}
              </Link>
              <span className="meta home-line">
                {draft.name} · {draft.problems ? plural(draft.problems, 'problem') : 'ready'}
              </span>
            </span>
            {draft.updated_by && (
              <span title={draft.updated_by}>
                <Monogram name={draft.updated_by} round size={24} />
              </span>
            )}
            <span className="hint no-wrap">
              <Ago at={draft.updated_at} />
            </span>
          </li>
        ))}
      </ul>
    </Card>
  )
}

function story(home: Home | undefined): string {
  if (!home) return ''
  // Who may not see everybody's runs is not told how many there were.
  const runs: number | null = home.runs_today ?? null
  if (runs === null) return ''
  const share = home.succeeded_share === null ? '' : `, ${(home.succeeded_share * 100).toFixed(1)} % succeeded`
  return ` · ${plural(runs, 'run')} today${runs ? share : ''}`
}

/** What needs me today. */
export function HomePage({ latestRuns, needs }: { readonly latestRuns: ReactNode; readonly needs: readonly Need[] }) {
  const { user } = useSession()
  const can = useCan()
  const home = useHome()
  const now = new Date()
  return (
    <Page
      title="Home"
      heading={
        <h1>
          {greeting(now)}, {user.name.split(' ')[0]}
        </h1>
      }
      sub={today.format(now) + story(home.data)}
      actions={
        <>
          <Link className={buttonClass()} to="/market">
            <Icon name="search" />
            Find a tool
          </Link>
          {can('imports:write') && (
            <Link className={buttonClass({ kind: 'primary' })} to="/build/import">
              <Icon name="plus" />
              Bring in an API
            </Link>
          )}
        </>
      }
    >
      <div className="board">
        <div className="stack home-main">
          <NeedsYou needs={needs} />
          {can('runs:read') && latestRuns}
        </div>
        <div className="stack">
          {home.error ? (
            <Loaded query={home} failure="The overview could not be read.">
              {() => null}
            </Loaded>
          ) : home.data ? (
            <>
              {can('imports:write') && <FirstSteps steps={home.data.steps} />}
              {can('drafts:read') && <Drafts drafts={home.data.drafts} />}
            </>
          ) : (
            <div className="card">
              <Skeleton rows={6} />
            </div>
          )}
        </div>
      </div>
    </Page>
  )
}
