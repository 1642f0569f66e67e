/** What an emoji is, by Unicode's tables: pictographs, keycaps, flags, and what joins them. */

const part = String.raw`(?:\p{Extended_Pictographic}\uFE0F?\p{Emoji_Modifier}?\u20E3?)`
const tags = String.raw`(?:[\u{E0020}-\u{E007E}]+\u{E007F})?`
const keycap = String.raw`[0-9#*]\uFE0F?\u20E3`
const flag = String.raw`\p{Regional_Indicator}{2}`
const joined = String.raw`${part}${tags}(?:\u200D${part})*`

const one = new RegExp(`^(?:${keycap}|${flag}|${joined})$`, 'u')

/** Those that are shown as pictures: `©` and `↔` only where the text asks for it. */
const shown = new RegExp(
  `${keycap}|${flag}|` +
    String.raw`(?:(?=\p{Emoji_Presentation})|(?=\p{Extended_Pictographic}[\uFE0F\u200D])|(?=\p{Extended_Pictographic}\p{Emoji_Modifier}))${joined}`,
  'gu',
)

/** One emoji and nothing else; a reaction may be one. */
export function isEmoji(text: string): boolean {
  return one.test(text)
}

/** Where the text has emoji. */
export function emojiSpans(text: string): { start: number; end: number }[] {
  // Most texts have none, and no test is as cheap as this one.
  if (!/[^\0-\u203b]|\u20e3/.test(text)) return []
  return [...text.matchAll(shown)].map((m) => ({ start: m.index, end: m.index + m[0].length }))
}

/** What two spellings of one emoji have in common: they may differ in the picture selector. */
export function emojiKey(emoji: string): string {
  return emoji.replaceAll('\uFE0F', '')
}

const tones = /\p{Emoji_Modifier}/gu

/** The emoji without a skin tone. */
export function withoutTone(emoji: string): string {
  return emoji.replace(tones, '')
}

/** A short message of nothing but emoji is shown large; how many at most. */
const LARGE = 12

/** How many emoji a text has that has nothing else but blanks; 0 for every other text. */
export function onlyEmoji(text: string): number {
  if (text.length > LARGE * 30) return 0
  const spans = emojiSpans(text)
  if (spans.length === 0 || spans.length > LARGE) return 0
  const letters = spans.reduce((sum, { start, end }) => sum + end - start, 0)
  return letters === text.replace(/\s/g, '').length ? spans.length : 0
}

export type Tone = 0 | 1 | 2 | 3 | 4 | 5

/** The emoji in a skin tone; 0 is none. */
export function withTone(emoji: string, tone: Tone): string {
  if (tone === 0) return emoji
  const modifier = String.fromCodePoint(0x1f3fa + tone)
  return emoji.replace(/(\p{Emoji_Modifier_Base})\uFE0F?/gu, `$1${modifier}`)
}
