import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const text = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8')
const tokens = new Map<string, readonly [string, string]>()
for (const [, name = '', light = '', dark = ''] of text.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)) tokens.set(name, [light, dark])

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** WCAG 2.1, contrast ratio of two colours. */
function ratio(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (high + 0.05) / (low + 0.05)
}

function colour(name: string, theme: 0 | 1): string {
  const pair = tokens.get(name)
  if (!pair) throw new Error(`tokens.css has no ${name}`)
  return pair[theme]
}

const grounds = ['bg', 'surface', 'sunken', 'hover', 'overlay']
const pairs: (readonly [string, string, number])[] = [
  ...['text', 'text-2', 'text-3', 'accent', 'ok', 'warn', 'danger', 'wait'].flatMap((role) => grounds.map((ground) => [role, ground, 4.5] as const)),
  ...['accent', 'ok', 'warn', 'danger', 'wait'].map((role) => [role, `${role}-soft`, 4.5] as const),
  ...['accent', 'ok', 'warn', 'danger', 'wait'].flatMap((role) => ['text', 'text-2'].map((ink) => [ink, `${role}-soft`, 4.5] as const)),
  ['on-accent', 'accent-solid', 4.5],
  ['on-accent', 'accent-press', 4.5],
  ['on-danger', 'danger-solid', 4.5],
  ...Array.from({ length: 8 }, (_, index) => [`mono-${index + 1}-ink`, `mono-${index + 1}`, 4.5] as const),
  ...['line-strong', 'focus'].flatMap((role) => grounds.filter((ground) => ground !== 'hover' || role === 'focus').map((ground) => [role, ground, 3] as const)),
  ...Array.from({ length: 6 }, (_, index) => [`chart-${index + 1}`, 'surface', 3] as const),
]

describe.each([
  ['light', 0],
  ['dark', 1],
] as const)('the %s theme', (_, theme) => {
  it.each(pairs)('shows %s on %s with at least %f to 1', (ink, ground, least) => {
    expect(ratio(colour(ink, theme), colour(ground, theme))).toBeGreaterThanOrEqual(least)
  })
})
