/** The sheets keep to the scale of `tokens.css`: its steps, sizes, radii and durations, and no others. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const src = join(import.meta.dirname, '..')
const sheets = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.css') && !/tokens|colors/.test(file),
)

const DECLARED =
  /^\s*(font-size|border-radius|(?:row-|column-)?gap|padding[\w-]*|margin[\w-]*|transition[\w-]*|animation):\s*(.*);/

/** Lengths that are not named; hairlines and what is optical, up to 2 px, are. */
const lengths = (value: string) =>
  [...value.matchAll(/(\d*\.?\d+)(px|rem)\b/g)].filter(
    ([, size, unit]) => unit === 'rem' || Number(size) > 2,
  )

function isOff(property: string, value: string): boolean {
  if (/^(transition|animation)/.test(property)) return /\d(ms|s)\b/.test(value)
  // Fields on a phone: a browser zooms into smaller ones.
  if (property === 'font-size' && value === 'max(1rem, 16px)') return false
  return lengths(value).length > 0
}

it('no sheet has a size, a radius, a space or a duration of its own', () => {
  const off = sheets.flatMap((file) =>
    readFileSync(join(src, file), 'utf8')
      .split('\n')
      .flatMap((line, n) => {
        const [, property, value] = DECLARED.exec(line) ?? []
        return property !== undefined && value !== undefined && isOff(property, value)
          ? [`${file}:${n + 1} ${line.trim()}`]
          : []
      }),
  )
  expect(sheets.length).toBeGreaterThan(20)
  expect(off).toEqual([])
})
