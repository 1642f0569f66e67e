/** Contrast of every pair that meets on the screen, by day, by night and in high contrast. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const sheet = readFileSync(new URL('./colors.css', import.meta.url), 'utf8')
const contrastAt = sheet.indexOf(":root[data-theme='contrast']")
const usual = declarations(sheet.slice(0, contrastAt))
const contrast = new Map([
  ...usual,
  ...declarations(sheet.slice(contrastAt, sheet.indexOf('@media'))),
])

function declarations(css: string): Map<string, string> {
  return new Map(
    [...css.matchAll(/--([\w-]+):\s*([^;]+);/g)].map(([, name = '', value = '']) => [name, value]),
  )
}

function colour(table: Map<string, string>, name: string, night: boolean): string {
  let value = table.get(name) ?? ''
  const pair = /^light-dark\((.+),\s*([^,]+)\)$/.exec(value)
  if (pair) value = (night ? pair[2] : pair[1]) ?? ''
  const other = /^var\(--([\w-]+)\)$/.exec(value)?.[1]
  return other ? colour(table, other, night) : value
}

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function ratio(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (light + 0.05) / (dark + 0.05)
}

const text = 4.5
const control = 3
/** What stands on what, and how much they must differ. */
const pairs: [string[], string[], number][] = [
  [['text', 'text-soft', 'text-faint'], ['page', 'sheet', 'raised', 'hover', 'pressed'], text],
  [['text', 'text-soft', 'text-faint'], ['floor', 'floor-lit', 'floor-hover'], text],
  [['accent-text', 'alarm-text'], ['page', 'sheet', 'raised', 'hover'], text],
  [['accent-text'], ['accent-soft', 'floor', 'floor-lit'], text],
  [['on-accent'], ['accent', 'accent-hover'], text],
  [['on-alarm'], ['alarm'], text],
  [['text', 'alarm-text'], ['alarm-soft'], text],
  [['on-badge'], ['badge'], text],
  [['on-marked'], ['marked'], text],
  [['on-tip'], ['tip'], text],
  [['on-tile'], ['eave-0', 'eave-1', 'eave-2', 'eave-3', 'eave-4', 'eave-5'], text],
  [['line-strong'], ['page', 'sheet', 'raised'], control],
  [['floor-line'], ['floor', 'floor-lit'], control],
  [['focus'], ['page', 'sheet', 'raised', 'hover', 'floor', 'floor-lit', 'floor-hover'], control],
  [['online', 'away'], ['sheet', 'floor'], control],
]

describe.each([
  ['light', usual, false],
  ['dark', usual, true],
  ['contrast light', contrast, false],
  ['contrast dark', contrast, true],
] as const)('%s', (_name, table, night) => {
  it('everything can be read and told apart', () => {
    const weak = pairs.flatMap(([fore, back, least]) =>
      fore.flatMap((f) =>
        back.flatMap((b) => {
          const found = ratio(colour(table, f, night), colour(table, b, night))
          return found < least ? [`${f} on ${b}: ${found.toFixed(2)} < ${least}`] : []
        }),
      ),
    )
    expect(weak).toEqual([])
  })
})
