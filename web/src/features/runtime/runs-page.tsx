import { Link } from '@tanstack/react-router'
import { type FocusEvent, useCallback, useRef, useState } from 'react'
import { Loaded, Page } from '~/app/page'
import { LiveMark } from '~/app/shell/live-mark'
import { Button, buttonClass } from '~/design/button'
import { count, plural } from '~/design/format'
import { Empty } from '~/design/parts'
import type { RunFilters } from './filters'
import { RunFilterBar } from './run-filters'
import { RunTable } from './run-table'
import { useFinishedRuns, useRefreshRuns, useRuns } from './queries'
import './runtime.css'

interface RunsPageProps {
  readonly filters: RunFilters
  readonly onFilters: (filters: RunFilters) => void
}

const ROWS = 50
const SCROLLED_PIXELS = 120

/** New rows wait while somebody reads: the table has the focus, or the page is scrolled. */
function useWaitingRuns() {
  const [waiting, setWaiting] = useState(0)
  const reading = useRef(false)
  const refresh = useRefreshRuns()
  const show = useCallback(() => {
    setWaiting(0)
    refresh()
  }, [refresh])
  const onRuns = useCallback(
    (number: number) => {
      if (reading.current || window.scrollY > SCROLLED_PIXELS) setWaiting((now) => now + number)
      else show()
    },
    [show],
  )
  useFinishedRuns(onRuns)
  const region = {
    onFocus: () => (reading.current = true),
    onBlur: (event: FocusEvent) => (reading.current = event.currentTarget.contains(event.relatedTarget)),
  }
  return { waiting, show, region }
}

/** Every call, newest first. */
export function RunsPage({ filters, onFilters }: RunsPageProps) {
  const runs = useRuns(filters, ROWS)
  const { waiting, show, region } = useWaitingRuns()
  const filtered = Object.keys(filters).length > 0
  return (
    <Page
      title="Runs"
      heading={
        <div className="row">
          <h1>Runs</h1>
          <LiveMark />
        </div>
      }
      sub="Each call of an operation: one outcome, one trace."
    >
      <RunFilterBar filters={filters} onChange={onFilters} />
      <div className="new-runs" role="status">
        {waiting > 0 && (
          <Button kind="quiet" icon="chevron-up" onClick={show}>
            {plural(waiting, 'new run')}
          </Button>
        )}
      </div>
      <div className="card" {...region}>
        <Loaded query={runs} rows={12} failure="The list of runs could not be read.">
          {({ pages }) => {
            const rows = pages.flatMap((page) => page.items)
            if (rows.length) return <RunTable runs={rows} />
            return filtered ? (
              <Empty icon="filter" title="No run matches" actions={<Button onClick={() => onFilters({})}>Clear filters</Button>}>
                Runs are there, but none with these filters.
              </Empty>
            ) : (
              <Empty
                icon="runs"
                title="No runs yet"
                actions={
                  <Link className={buttonClass({ kind: 'primary' })} to="/connect">
                    Connect your agent
                  </Link>
                }
              >
                Every call of an operation appears here with its request, its answer and where the time went.
              </Empty>
            )
          }}
        </Loaded>
      </div>
      {runs.data && (
        <div className="row row-wrap table-foot">
          <span className="meta">
            {count(runs.data.pages.reduce((sum, page) => sum + page.items.length, 0))} of {count(runs.data.pages[0]?.total ?? 0)}
            {runs.data.pages[0]?.total_capped && ' or more'}
          </span>
          {runs.hasNextPage && (
            <Button size="small" busy={runs.isFetchingNextPage} onClick={() => void runs.fetchNextPage()}>
              Show more
            </Button>
          )}
        </div>
      )}
    </Page>
  )
}
