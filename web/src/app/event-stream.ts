export interface ServerSentEvent {
  readonly id: string
  readonly event: string
  readonly data: string
}

/** Parse one block of a `text/event-stream` body, which ends at an empty line. */
export function parseBlock(block: string): ServerSentEvent {
  const fields = { id: '', event: '', data: [] as string[] }
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':')
    if (colon <= 0) continue
    const name = line.slice(0, colon)
    const value = line.slice(colon + 1).replace(/^ /, '')
    if (name === 'data') fields.data.push(value)
    else if (name === 'id' || name === 'event') fields[name] = value
  }
  return { id: fields.id, event: fields.event, data: fields.data.join('\n') }
}

/** Read events until the body ends. Comments count as signs of life. */
export async function readEvents(body: ReadableStream<Uint8Array>, deliver: (event: ServerSentEvent) => void): Promise<void> {
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader()
  let rest = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    const blocks = (rest + value).replaceAll('\r\n', '\n').split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) deliver(parseBlock(block))
  }
}
