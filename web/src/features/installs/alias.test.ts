import { describe, expect, it } from 'vitest'
import { aliasProblem, suggestAlias, takenProblem } from './alias'

describe('the alias of an installation', () => {
  it.each(['harbour', 'harbour-authority-slots', '2checkout', 'Ärzte', '---'])('suggests one that is allowed for %s', (slug) => {
    expect(aliasProblem(suggestAlias(slug))).toBeUndefined()
  })

  it('is told to be taken, with one that is free', () => {
    const installed = [{ alias: 'orders', title: 'Acme Orders' }, { alias: 'orders-2', title: 'More' }, { alias: 'abcdefghijklmno', title: 'Long' }]
    expect(takenProblem('orders', installed)).toBe('Acme Orders has this alias already. Choose another, such as orders-3.')
    expect(takenProblem('abcdefghijklmno', installed)).toContain('abcdefghijklm-2.')
    expect(takenProblem('new', installed)).toBeUndefined()
  })

  it('refuses underscores, because names could collide', () => {
    expect(aliasProblem('a_b')).toContain('hyphens')
  })
})
