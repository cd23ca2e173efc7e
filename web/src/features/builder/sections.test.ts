import { expect, it } from 'vitest'
import type { Manifest } from '~/app/manifest-types'
import { whereIs } from './sections'

const manifest = { operations: [{ name: 'get_rates' }, { name: 'book' }] } as unknown as Manifest

it.each([
  ['/operations/1/implementation/body', { operation: 'book', section: 'request' }],
  ['/operations/0/input_schema/properties/weight', { operation: 'get_rates', section: 'parameters' }],
  ['/operations/book/effects/kind', { operation: 'book', section: 'effects' }],
  ['/summary', { section: 'basics' }],
])('leads %s to the place where it is mended', (pointer, where) => {
  expect(whereIs({ pointer }, manifest)).toEqual(where)
})
