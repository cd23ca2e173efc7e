import { Link } from '@tanstack/react-router'
import { Loaded } from '~/app/page'
import { LiveMark } from '~/app/shell/live-mark'
import { Card } from '~/design/parts'
import { RunTable } from './run-table'
import { useFinishedRuns, useRefreshRuns, useRuns } from './queries'
import './runtime.css'

const SHOWN = 10

/** The newest runs, following the server. */
export function LatestRuns() {
  const runs = useRuns({}, SHOWN)
  const refresh = useRefreshRuns()
  useFinishedRuns(refresh)
  return (
    <Card title="Latest runs" count={<LiveMark />} actions={<Link to="/runs">All runs</Link>}>
      <Loaded query={runs} failure="The list of runs could not be read.">
        {({ pages }) =>
          pages[0]?.items.length ? <RunTable runs={pages[0].items} short /> : <p className="card-body hint">No runs yet. The first call of an agent appears here by itself.</p>
        }
      </Loaded>
    </Card>
  )
}
