/**
 * All emoji with their names, as `virtual:emoji`: what the app needs of emojibase-data, put together
 * when it is built. It is one JSON string, which browsers read faster than code.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Plugin } from 'vite'

interface Raw {
  hexcode: string
  label: string
  unicode: string
  group?: number
  order?: number
  tags?: string[]
  version?: number
  skins?: { unicode: string }[]
}

const require = createRequire(import.meta.url)
const data = (file: string): unknown =>
  JSON.parse(readFileSync(require.resolve(`emojibase-data/${file}`), 'utf8'))
const list = (file: string) => data(file) as Raw[]
const shortNames = (file: string) => data(file) as Record<string, string | string[]>

/** Groups in the order of the picker; modifiers and hair are none of it. */
const COMPONENTS = 2

/** One row for each: emoji, group, may be toned, version, Korean and English name, other words, short names. */
export type Row = [string, number, 0 | 1, number, string, string, string, string, string]

export function emojiRows(): Row[] {
  const korean = new Map(list('ko/compact.json').map((one) => [one.hexcode, one]))
  const short = shortNames('en/shortcodes/iamcal.json')
  const github = shortNames('en/shortcodes/github.json')
  const versions = new Map(list('en/data.json').map((one) => [one.hexcode, one.version ?? 0]))
  return list('en/compact.json')
    .filter((one) => one.group !== undefined && one.group !== COMPONENTS)
    .sort((a, b) => (a.order ?? 0) - (b.order ?? 0))
    .map((one) => {
      const ko = korean.get(one.hexcode)
      const names = [short[one.hexcode] ?? [], github[one.hexcode] ?? []].flat()
      const version = versions.get(one.hexcode) ?? 0
      return [
        canonical(one.unicode),
        one.group ?? 0,
        one.skins ? 1 : 0,
        // Older ones are everywhere.
        version > 13 ? version : 0,
        ko?.label ?? one.label,
        one.label,
        (ko?.tags ?? []).join('|'),
        (one.tags ?? []).join('|'),
        [...new Set(names)].join('|'),
      ]
    })
}

/** Without the picture selector where the character is a picture anyway: one emoji, one spelling. */
function canonical(emoji: string): string {
  return emoji.replace(/(\p{Emoji_Presentation})\uFE0F/gu, '$1')
}

export function emoji(): Plugin {
  const name = 'virtual:emoji'
  return {
    name: 'emoji',
    resolveId: (id) => (id === name ? `\0${name}` : undefined),
    load: (id) =>
      id === `\0${name}`
        ? `export default JSON.parse(${JSON.stringify(JSON.stringify(emojiRows()))})`
        : undefined,
  }
}
