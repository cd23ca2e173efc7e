import { expect, it } from 'vitest'
import { begin, edit, redo, undo } from './history'

it('takes typing in one field back as one step', () => {
  const typed = edit(edit(edit(begin('a'), 'ab', 'title', 1_000), 'abc', 'title', 1_200), 'abcd', 'summary', 1_300)

  expect(undo(typed).now).toBe('abc')
  expect(undo(undo(typed)).now).toBe('a')
  expect(redo(undo(typed)).now).toBe('abcd')
})

it('forgets what was undone once something else is written', () => {
  const other = edit(undo(edit(begin('a'), 'b', '', 0)), 'c', '', 1)
  expect(redo(other).now).toBe('c')
})
