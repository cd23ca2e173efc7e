import { describe, expect, it } from 'vitest'
import type { InstalledOperation, JsonObject } from '~/app/api-types'
import { callable, exampleInput } from './examples'

function operation(name: string, kind: string, required: string[], example_input: JsonObject = {}): InstalledOperation {
  const properties = { id: { type: 'string', example: 'A-1' }, size: { enum: ['s', 'l'] } }
  return { name, effects: { kind }, input_schema: { type: 'object', properties, required }, example_input } as unknown as InstalledOperation
}

describe('the call that snippets show', () => {
  it('is a reading one that needs nothing, then one with an example', () => {
    const write = operation('write', 'update', [])
    const bare = operation('bare', 'read', ['id'])
    const shown = operation('shown', 'read', ['id'], { id: 'A-7' })
    const open = operation('open', 'read', [])

    expect(callable([write, bare, shown, open])?.name).toBe('open')
    expect(callable([write, bare, shown])?.name).toBe('shown')
    expect(callable([write, bare])?.name).toBe('bare')
    expect(callable([])).toBeUndefined()
  })

  it('has every required argument', () => {
    expect(exampleInput(operation('a', 'read', ['id', 'size'], { id: 'A-7' }))).toEqual({ id: 'A-7', size: 's' })
    expect(exampleInput(operation('b', 'read', ['id']))).toEqual({ id: 'A-1' })
  })
})
