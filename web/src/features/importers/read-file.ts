/** What the server takes at most. */
const BYTES = 33_554_432

const NOT_TEXT = 'This is not a text file. Choose a JSON or YAML description.'
const TOO_LARGE = 'The description is larger than 32 MB. Choose a smaller one, or a part of it.'
const BROKEN = 'This gzip file cannot be unpacked. Choose it again, or the file that was packed.'

/** How images and PDF begin; everything else that is not text has NUL bytes. */
const BEGINNINGS = ['\x89PNG', '\xff\xd8\xff', 'GIF8', '%PDF']

export interface ReadFile {
  readonly text?: string
  readonly problem?: string
}

const beginsWith = (bytes: Uint8Array, beginning: string): boolean => [...beginning].every((letter, index) => bytes[index] === letter.charCodeAt(0))

/** All bytes, or undefined where there are more than the server takes: a small file can unpack to very much. */
async function collected(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<Uint8Array | undefined> {
  const parts: Uint8Array<ArrayBuffer>[] = []
  let size = 0
  const reader = stream.getReader()
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    size += next.value.length
    if (size > BYTES) {
      await reader.cancel()
      return undefined
    }
    parts.push(next.value)
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer())
}

/** The text of a description, unpacked where it is packed with gzip, or why it is none. */
export async function readDescription(file: Blob): Promise<ReadFile> {
  if (file.type.startsWith('image/')) return { problem: NOT_TEXT }
  const packed = beginsWith(new Uint8Array(await file.slice(0, 2).arrayBuffer()), '\x1f\x8b')
  try {
    const bytes = await collected(packed ? file.stream().pipeThrough(new DecompressionStream('gzip')) : file.stream())
    if (!bytes) return { problem: TOO_LARGE }
    if (bytes.includes(0) || BEGINNINGS.some((beginning) => beginsWith(bytes, beginning))) return { problem: NOT_TEXT }
    return { text: new TextDecoder().decode(bytes) }
  } catch (error) {
    if (packed) return { problem: BROKEN }
    throw error
  }
}
