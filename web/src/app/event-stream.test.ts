import { expect, it } from 'vitest'
import { type ServerSentEvent, parseBlock, readEvents } from './event-stream'

it('joins the data lines of a block and ignores comments', () => {
  expect(parseBlock(': sign of life\nid: 7\ndata: {"a":\ndata: 1}')).toEqual({ id: '7', event: '', data: '{"a":\n1}' })
})

it('reads events that arrive in pieces', async () => {
  const pieces = ['id: 1\nda', 'ta: one\n', '\ndata: two\r\n\r\ndata: cut']
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece))
      controller.close()
    },
  })
  const events: ServerSentEvent[] = []

  await readEvents(body, (event) => events.push(event))

  expect(events.map((event) => event.data)).toEqual(['one', 'two'])
})
