/** Finding emoji by name as one types: Korean and English, half syllables, 초성, `:short_names:`. */
import { otherKeyboard } from '../hangul'
import { emojiKey, isEmoji } from './emoji'

export interface Emoji {
  emoji: string
  group: number
  /** Has skin tones. */
  toned: boolean
  /** The emoji version it came with, where that is recent; 0 otherwise. */
  version: number
  ko: string
  en: string
  /** What `:name:` it answers to, the most used first. */
  short: string[]
}

export type Row = readonly [
  emoji: string,
  group: number,
  toned: number,
  version: number,
  ko: string,
  en: string,
  koTags: string,
  enTags: string,
  short: string,
]

interface Entry {
  emoji: Emoji
  /** Every word that finds it, each behind a bar: as written, in letters, in first consonants. */
  words: string
  letters: string
  initials: string
}

export class Emojis {
  readonly all: readonly Emoji[]
  private readonly entries: Entry[]
  private readonly byShort = new Map<string, Emoji>()
  private readonly byKey = new Map<string, Emoji>()

  constructor(rows: readonly Row[]) {
    this.entries = rows.map(([emoji, group, toned, version, ko, en, koTags, enTags, short]) => {
      const names = short === '' ? [] : short.split('|')
      const one: Emoji = { emoji, group, toned: toned === 1, version, ko, en, short: names }
      for (const name of names) if (!this.byShort.has(name)) this.byShort.set(name, one)
      this.byKey.set(emojiKey(emoji), one)
      const words = `|${fold([short, ko, koTags, en, enTags].join('|')).replace(/[\s_-]+/g, '|')}|${fold(ko)}`
      return { emoji: one, words, letters: lettersOf(words), initials: initialsOf(words) }
    })
    this.all = this.entries.map(({ emoji }) => emoji)
  }

  /** The one that `:name:` means. */
  named(name: string): Emoji | undefined {
    return this.byShort.get(name.toLowerCase())
  }

  /** What is known of an emoji, whatever its tone and spelling. */
  about(emoji: string): Emoji | undefined {
    return this.byKey.get(emojiKey(emoji)) ?? this.byKey.get(emojiKey(emoji.replace(tones, '')))
  }

  /** The likeliest first; `recent` ones before others that answer as well. */
  find(query: string, limit: number, recent: readonly string[] = []): Emoji[] {
    const q = fold(query.replace(/^:|:$/g, '')).trim()
    if (q === '') return []
    if (isEmoji(query)) return [this.about(query)].flatMap((one) => one ?? [])
    const other = fold(otherKeyboard(q))
    const found: { emoji: Emoji; rank: number }[] = []
    for (const entry of this.entries) {
      let rank = rankOf(q, entry)
      if (rank === null && other !== q && q.length > 1) {
        const second = rankOf(other, entry)
        rank = second === null ? null : second + 10
      }
      if (rank === null) continue
      const used = recent.indexOf(entry.emoji.emoji)
      found.push({
        emoji: entry.emoji,
        rank: used < 0 ? rank + 0.9 : Math.floor(rank) + used / 1_000,
      })
    }
    // `sort` keeps the order of equals: that of the picker.
    found.sort((a, b) => a.rank - b.rank)
    return found.slice(0, limit).map(({ emoji }) => emoji)
  }
}

const tones = /\p{Emoji_Modifier}/gu

/** How well a word answers; lower is better, `null` not at all. */
function rankOf(q: string, { emoji, words, letters, initials }: Entry): number | null {
  const short = emoji.short[0]
  if (short === q) return 0
  const part = q.replace(/[\s_-]+/g, '|')
  // A name of its own goes before a word among others, but not before what people use.
  if (fold(emoji.ko) === q || fold(emoji.en) === q) return 0.5
  if (words.includes(`|${part}|`)) return 1
  if (words.includes(`|${part}`)) return 2
  if (/^[ㄱ-ㅎ]+$/.test(q)) return initials.includes(`|${q}`) ? 4 : null
  if (/[ㄱ-ㅎㅏ-ㅣ가-힣]/.test(q) && letters.includes(`|${lettersOf(part)}`)) return 3
  return part.length > 2 && words.includes(part) ? 5 : null
}

function fold(text: string): string {
  return text.normalize('NFC').toLowerCase()
}

const FIRST = 'ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ'
const MIDDLE = 'ㅏ ㅐ ㅑ ㅒ ㅓ ㅔ ㅕ ㅖ ㅗ ㅗㅏ ㅗㅐ ㅗㅣ ㅛ ㅜ ㅜㅓ ㅜㅔ ㅜㅣ ㅠ ㅡ ㅡㅣ ㅣ'.split(
  ' ',
)
const LAST =
  ' ㄱ ㄲ ㄱㅅ ㄴ ㄴㅈ ㄴㅎ ㄷ ㄹ ㄹㄱ ㄹㅁ ㄹㅂ ㄹㅅ ㄹㅌ ㄹㅍ ㄹㅎ ㅁ ㅂ ㅂㅅ ㅅ ㅆ ㅇ ㅈ ㅊ ㅋ ㅌ ㅍ ㅎ'.split(
    ' ',
  )
const LOOSE: Record<string, string> = {
  ㅘ: 'ㅗㅏ',
  ㅙ: 'ㅗㅐ',
  ㅚ: 'ㅗㅣ',
  ㅝ: 'ㅜㅓ',
  ㅞ: 'ㅜㅔ',
  ㅟ: 'ㅜㅣ',
  ㅢ: 'ㅡㅣ',
  ㄳ: 'ㄱㅅ',
  ㄵ: 'ㄴㅈ',
  ㄶ: 'ㄴㅎ',
  ㄺ: 'ㄹㄱ',
  ㄻ: 'ㄹㅁ',
  ㄼ: 'ㄹㅂ',
  ㅄ: 'ㅂㅅ',
}

/** Syllables as the keys that make them; two thousand names at once, so by arithmetic. */
function lettersOf(text: string): string {
  return text.replace(/[가-힣ㄱ-ㅣ]/g, (c) => {
    const code = c.charCodeAt(0) - 0xac00
    if (code < 0) return LOOSE[c] ?? c
    return (
      (FIRST[Math.floor(code / 588)] ?? '') +
      (MIDDLE[Math.floor((code % 588) / 28)] ?? '') +
      (LAST[code % 28] ?? '')
    )
  })
}

function initialsOf(text: string): string {
  return text.replace(/[가-힣]/g, (c) => FIRST[Math.floor((c.charCodeAt(0) - 0xac00) / 588)] ?? c)
}
