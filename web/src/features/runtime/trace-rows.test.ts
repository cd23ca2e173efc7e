import { describe, expect, it } from 'vitest'
import type { Attempt, RunDetail } from '~/app/api-types'
import { traceRows } from './trace-rows'

const attempt = (start: number, length: number, status: number): Attempt => ({
  method: 'GET',
  url: 'https://api.example/v1/orders',
  request_headers: {},
  request_body: null,
  status,
  response_headers: {},
  started_milliseconds: start,
  duration_milliseconds: length,
})

describe('the waterfall of a run', () => {
  it('shows failed attempts and the waiting between them, in the order of time', () => {
    const run = { queue_milliseconds: 1, total_milliseconds: 345, attempts: [attempt(0, 100, 503), attempt(300, 40, 200)] } as RunDetail

    const rows = traceRows(run)

    expect(rows.map((row) => [row.label, row.kind, row.start, row.length])).toEqual([
      ['Waited for its turn', 'waiting', 0, 1],
      ['Who, what, may it, credential', 'own', 1, 2],
      ['GET /v1/orders, attempt 1', 'failed', 3, 100],
      ['Wait before trying again', 'waiting', 103, 200],
      ['GET /v1/orders, attempt 2', 'upstream', 303, 40],
      ['Answer checked and recorded', 'own', 343, 2],
    ])
  })

  it('has one row for a call that was refused here', () => {
    const run = { queue_milliseconds: 0, total_milliseconds: 0.4, attempts: [] as Attempt[] } as RunDetail
    expect(traceRows(run)).toHaveLength(1)
  })
})
