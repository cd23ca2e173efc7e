import { describe, expect, it } from 'vitest'
import { initialValue, kindOf, missingIn, resolve, withMember } from './schema'

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
