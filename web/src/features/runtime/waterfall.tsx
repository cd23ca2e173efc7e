import { type KeyboardEvent, useState } from 'react'
import type { RunDetail } from '~/app/api-types'
import { Segments } from '~/design/field'
import { duration } from '~/design/format'
import { Icon } from '~/design/icons'
import { Card } from '~/design/parts'
import { type TraceRow, traceRows } from './trace-rows'

interface WaterfallProps {
  readonly run: RunDetail
  readonly chosen: string | undefined
  readonly onChoose: (row: TraceRow) => void
}

const marks = { own: ['check', 'ok'], upstream: ['check', 'ok'], failed: ['warn', 'warn'], waiting: ['clock', 'neutral'] } as const
const kindWords = { own: 'ours', upstream: 'done', failed: 'failed', waiting: 'waiting' } as const

function Bar({ row, total }: { readonly row: TraceRow; readonly total: number }) {
  const left = Math.min((100 * row.start) / total, 99.5)
  const width = Math.max(Math.min((100 * row.length) / total, 100 - left), 0.5)
  return (
    <span className="bar-track" aria-hidden="true">
      <span className={`bar-piece bar-${row.kind}`} style={{ left: `${left}%`, width: `${width}%` }} />
    </span>
  )
}

function Row({ row, total, chosen, onChoose }: { readonly row: TraceRow; readonly total: number; readonly chosen: boolean; readonly onChoose: () => void }) {
  const [icon, tone] = marks[row.kind]
  return (
    <tr className={chosen ? 'chosen' : undefined}>
      <td className="clip">
        <button type="button" className="trace-step" aria-pressed={chosen} onClick={onChoose}>
          <span className={`tone-${tone}`}>
            <Icon name={icon} small />
          </span>
          <span className={row.attempt === undefined ? 'clip' : 'clip strong'}>{row.label}</span>
        </button>
      </td>
      <td className="trace-bars">
        <Bar row={row} total={total} />
      </td>
      <td className="number">{duration(row.length)}</td>
    </tr>
  )
}

/** Where the time went, as bars on one axis or as a table with the same data. */
export function Waterfall({ run, chosen, onChoose }: WaterfallProps) {
  const [view, setView] = useState<'waterfall' | 'table'>('waterfall')
  const rows = traceRows(run)
  const total = Math.max(run.total_milliseconds ?? 0, ...rows.map((row) => row.start + row.length), 0.1)
  const walk = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key]
    if (!step) return
    const buttons = [...event.currentTarget.querySelectorAll<HTMLButtonElement>('.trace-step')]
    const next = buttons[buttons.indexOf(document.activeElement as HTMLButtonElement) + step]
    event.preventDefault()
    next?.focus()
  }
  return (
    <Card
      title="Steps"
      count={<span className="hint">0 – {duration(total)}</span>}
      actions={
        <Segments
          label="Steps as"
          value={view}
          onChange={setView}
          choices={[
            { value: 'waterfall', label: 'Waterfall' },
            { value: 'table', label: 'Table' },
          ]}
        />
      }
    >
      {rows.length === 0 && <p className="card-body hint">No steps were recorded for this run.</p>}
      {view === 'waterfall' && rows.length > 0 && (
        // Arrow keys walk the buttons inside, which stay reachable by Tab as well.
        // eslint-disable-next-line jsx-a11y/no-static-element-interactions
        <div onKeyDown={walk}>
          <table className="table trace-table">
            <thead>
              <tr>
                <th>Step</th>
                <th className="trace-bars">
                  <span className="trace-axis">
                    <span>0</span>
                    <span>{duration(total / 2)}</span>
                    <span>{duration(total)}</span>
                  </span>
                </th>
                <th className="number">Time</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <Row key={row.id} row={row} total={total} chosen={row.id === chosen} onChoose={() => onChoose(row)} />
              ))}
            </tbody>
          </table>
          <p className="meta trace-legend">
            <span className="bar-key bar-upstream" /> done <span className="bar-key bar-failed" /> failed <span className="bar-key bar-waiting" /> waiting
            <span className="bar-key bar-own" /> ours
          </p>
        </div>
      )}
      {view === 'table' && <StepTable rows={rows} />}
    </Card>
  )
}

function StepTable({ rows }: { readonly rows: readonly TraceRow[] }) {
  return (
    <div className="table-scroll">
      <table className="table">
        <thead>
          <tr>
            <th>Step</th>
            <th>Kind</th>
            <th className="number">Begins</th>
            <th className="number">Time</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <td>{row.label}</td>
              <td>{kindWords[row.kind]}</td>
              <td className="number">{duration(row.start)}</td>
              <td className="number">{duration(row.length)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
