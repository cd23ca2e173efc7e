import { Link } from '@tanstack/react-router'
import type { RunRow } from '~/app/api-types'
import { Badge, OutcomeBadge } from '~/design/badge'
import { duration } from '~/design/format'
import { Moment } from '~/design/time'
import { channels } from './filters'

/** Rows of runs; the operation is the link. */
export function RunTable({ runs, short = false }: { readonly runs: readonly RunRow[]; readonly short?: boolean }) {
  return (
    <table className="table table-cards run-table">
      <thead>
        <tr>
          <th>Operation</th>
          <th>Outcome</th>
          <th>Who</th>
          {!short && <th className="column-more">Through</th>}
          {!short && <th className="number column-more">Ours</th>}
          <th className="number">Time</th>
          <th className="number">At</th>
        </tr>
      </thead>
      <tbody>
        {runs.map((run) => (
          <tr key={run.id}>
            <td className="clip">
              <Link to="/runs/$runId" params={{ runId: run.id }} className="mono">
                {run.mcp_name ?? run.operation}
              </Link>
            </td>
            <td>
              <span className="row">
                <OutcomeBadge outcome={run.ended ? run.outcome : 'running'} />
                {run.retries > 0 && !short && <span className="meta">{run.retries} retried</span>}
              </span>
            </td>
            <td className="clip">
              {run.principal.label}
              {run.demo && (
                <>
                  {' '}
                  <Badge title="Made by the demo">demo</Badge>
                </>
              )}
            </td>
            {!short && (
              <td className="clip column-more">
                {channels[run.channel] ?? run.channel}
                {run.client_name && <span className="hint"> {run.client_name}</span>}
              </td>
            )}
            {!short && <td className="number column-more">{duration(run.own_milliseconds)}</td>}
            <td className="number">{duration(run.total_milliseconds)}</td>
            <td className="number hint">
              <Moment at={run.started_at} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
