import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { readDescription } from './read-file'

const fileOf = (content: BlobPart, type = '') => new Blob([content], { type })
const packed = (content: string | Buffer) => fileOf(new Uint8Array(gzipSync(content)))

describe('a file with a description', () => {
  it('is read as text, unpacked where it is packed', async () => {
    expect(await readDescription(fileOf('openapi: 3.1.0 # Größe'))).toEqual({ text: 'openapi: 3.1.0 # Größe' })
    expect(await readDescription(packed('openapi: 3.1.0'))).toEqual({ text: 'openapi: 3.1.0' })
  })

  it.each([
    ['NUL bytes', fileOf('PK\0\x03')],
    ['NUL bytes once unpacked', packed('ustar\0')],
    ['an image by its type', fileOf('<svg/>', 'image/svg+xml')],
    ['an image by its beginning', fileOf(new Uint8Array([0xff, 0xd8, 0xff, 0xe0]))],
  ])('is told not to be text: %s', async (_, file) => {
    expect(await readDescription(file)).toEqual({ problem: 'This is not a text file. Choose a JSON or YAML description.' })
  })

  it('says when it cannot be unpacked, or is too large unpacked', async () => {
    expect((await readDescription(fileOf(new Uint8Array([0x1f, 0x8b, 1, 2])))).problem).toContain('cannot be unpacked')
    expect((await readDescription(packed(Buffer.alloc(34_000_000, 'a')))).problem).toContain('larger than 32 MB')
  })
})
