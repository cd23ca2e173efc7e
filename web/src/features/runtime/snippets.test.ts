import { describe, expect, it } from 'vitest'
import { shellQuoted, snippets } from './snippets'

const target = {
  mcpUrl: 'http://127.0.0.1:8000/mcp',
  origin: 'http://127.0.0.1:8000',
  key: 'tm_live_abc',
  example: { installationId: 'i1', operation: 'get_order', mcpName: 'acme_get_order', input: { name: "O'Neil" } },
}

describe('the configuration of clients', () => {
  it('holds the address or the route, and the key, in every form', () => {
    for (const snippet of snippets(target)) {
      expect(snippet.text, snippet.id).toMatch(/127\.0\.0\.1:8000\/(mcp|v1\/installations\/i1\/operations\/get_order\/runs)/)
      expect(snippet.text, snippet.id).toContain('tm_live_abc')
    }
  })

  it('is valid JSON where it says so', () => {
    for (const snippet of snippets(target).filter((each) => each.json)) expect(() => JSON.parse(snippet.text)).not.toThrow()
  })

  it('quotes arguments for the shell', () => {
    expect(shellQuoted(`{"name":"O'Neil"}`)).toBe(`'{"name":"O'\\''Neil"}'`)
  })
})
