import { describe, expect, it } from 'vitest'
import { initialValue, kindOf, missingIn, resolve, sampleOf, withMember } from './schema'

describe('a form made from a schema', () => {
  it('follows references inside the document and keeps what stands beside them', () => {
    const root = { $defs: { size: { type: 'integer', maximum: 3 } } }
    expect(resolve({ $ref: '#/$defs/size', description: 'How big' }, root)).toEqual({ type: 'integer', maximum: 3, description: 'How big' })
  })

  it('survives a reference that goes round in a circle', () => {
    const root = { $defs: { a: { $ref: '#/$defs/a' } } }
    expect(resolve({ $ref: '#/$defs/a' }, root)).toBeTypeOf('object')
  })

  it('chooses a control by type, and the text editor where several types are possible', () => {
    expect(kindOf({ type: ['string', 'null'] }, 0)).toBe('text')
    expect(kindOf({ enum: ['a', 'b'] }, 0)).toBe('choice')
    expect(kindOf({ type: 'array', items: { type: 'string' } }, 0)).toBe('list')
    expect(kindOf({ type: ['string', 'integer'] }, 0)).toBe('json')
    expect(kindOf({ type: 'object' }, 0)).toBe('json')
  })

  it('asks for a value that may be null as if it could not', () => {
    expect(resolve({ title: 'Status', anyOf: [{ enum: ['open'], type: 'string' }, { type: 'null' }] }, {})).toEqual({ title: 'Status', enum: ['open'], type: 'string' })
    expect(resolve({ anyOf: [{ type: 'string' }, { type: 'integer' }] }, {})).toHaveProperty('anyOf')
  })

  it('shows a value of the right form, also where the schema refers to itself', () => {
    const root = { $defs: { line: { type: 'object', properties: { sku: { type: 'string', examples: ['CHAIR-04'] }, parts: { type: 'array', items: { $ref: '#/$defs/line' } } } } } }
    expect(sampleOf({ type: 'array', items: { $ref: '#/$defs/line' } }, root)).toMatchObject([{ sku: 'CHAIR-04', parts: [{ sku: 'CHAIR-04' }] }])
  })

  it('keeps to formats and bounds in what it shows', () => {
    const properties = { day: { type: 'string', format: 'date' }, code: { type: 'string', minLength: 6 }, letter: { type: 'string', maxLength: 1 }, above: { type: 'integer', exclusiveMinimum: 4 }, pair: { type: 'array', minItems: 2, items: { type: 'boolean' } } }
    expect(sampleOf({ type: 'object', properties }, {})).toEqual({ day: '2026-01-31', code: 'text--', letter: 't', above: 5, pair: [false, false] })
  })

  it('begins with the defaults and says what is missing', () => {
    const schema = { type: 'object', properties: { unit: { type: 'string', default: 'kg' }, city: { type: 'string' } }, required: ['unit', 'city'] }
    const value = initialValue(schema)
    expect(value).toEqual({ unit: 'kg' })
    expect(missingIn(schema, value)).toEqual(['city'])
  })

  it('takes a member out when its field is emptied', () => {
    expect(withMember({ a: 1, b: 2 }, 'a', undefined)).toEqual({ b: 2 })
  })
})
