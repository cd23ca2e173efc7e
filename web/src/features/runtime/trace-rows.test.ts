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
    const run = { spans: [{ name: 'who', started_milliseconds: 0, duration_milliseconds: 1, detail: null }], attempts: [attempt(2, 100, 503), attempt(300, 40, 200)] }

    const rows = traceRows(run as unknown as RunDetail)

    expect(rows.map((row) => [row.label, row.kind, row.length])).toEqual([
      ['Who', 'own', 1],
      ['GET /v1/orders, attempt 1', 'failed', 100],
      ['Wait', 'waiting', 198],
      ['GET /v1/orders, attempt 2', 'upstream', 40],
    ])
  })
})
