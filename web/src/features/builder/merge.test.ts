import { describe, expect, it } from 'vitest'
import type { Manifest } from '~/app/manifest-types'
import { conflicts, differences, merge } from './merge'

const manifest = (change: Record<string, unknown> = {}): Manifest =>
  ({ name: 'a/b', title: 'Orders', summary: '', config_schema: {}, tags: ['x'], operations: [{ name: 'get', description: 'Reads' }, { name: 'put', description: 'Writes' }], ...change }) as unknown as Manifest

describe('two people edit one draft', () => {
  it('names each changed place, operations by their names', () => {
    const after = manifest({ title: 'Order book', operations: [{ name: 'get', description: 'Reads one' }, { name: 'put', description: 'Writes' }] })
    expect(differences(manifest(), after).map((each) => each.pointer)).toEqual(['/title', '/operations/get/description'])
  })

  it('keeps the changes of both where they touch different places', () => {
    const mine = manifest({ title: 'Mine' })
    const theirs = manifest({ tags: ['x', 'y'] })

    expect(conflicts(manifest(), mine, theirs)).toEqual([])
    expect(merge(manifest(), mine, theirs, new Set())).toEqual(manifest({ title: 'Mine', tags: ['x', 'y'] }))
  })

  it('asks where both changed the same place, and takes what was chosen', () => {
    const mine = manifest({ title: 'Mine' })
    const theirs = manifest({ title: 'Theirs' })

    expect(conflicts(manifest(), mine, theirs)).toEqual([{ pointer: '/title', base: 'Orders', mine: 'Mine', theirs: 'Theirs' }])
    expect(merge(manifest(), mine, theirs, new Set()).title).toBe('Theirs')
    expect(merge(manifest(), mine, theirs, new Set(['/title'])).title).toBe('Mine')
  })

  it('carries an operation that only one of them deleted', () => {
    const mine = manifest({ operations: [{ name: 'put', description: 'Writes' }] })
    expect(merge(manifest(), mine, manifest({ title: 'Theirs' }), new Set()).operations.map((each) => each.name)).toEqual(['put'])
  })
})
