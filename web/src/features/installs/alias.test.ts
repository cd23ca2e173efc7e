import { describe, expect, it } from 'vitest'
import { aliasProblem, suggestAlias } from './alias'

describe('the alias of an installation', () => {
  it.each(['harbour', 'harbour-authority-slots', '2checkout', 'Ärzte', '---'])('suggests one that is allowed for %s', (slug) => {
    expect(aliasProblem(suggestAlias(slug))).toBeUndefined()
  })

  it('refuses underscores, because names could collide', () => {
    expect(aliasProblem('a_b')).toContain('hyphens')
  })
})
