/** Texts as people count and read them: graphemes, lines, highlighted ranges. */

const segmenter = new Intl.Segmenter('ko', { granularity: 'grapheme' })

/** How long a message may be, as the server says. Characters are graphemes on both sides. */
export interface Limits {
  message_characters: number
  message_bytes: number
  file_bytes?: number
  files_per_message?: number
}

export type Fit = { fits: true; left: number | null } | { fits: false; over: number | null }

/** So near the limit the count is shown. */
const NEAR = 500
/** Beyond the limit nobody needs the exact number. */
const COUNTED = 50_000

/**
 * Whether the server takes the text: how many characters are `left` (`null` while the limit is
 * far), or how many are `over` (`null` where it is the bytes of stacked marks and emoji).
 */
export function fit(text: string, limits: Limits | null): Fit {
  if (!limits) return { fits: true, left: null }
  const { message_characters: limit, message_bytes: bytes } = limits
  const sent = text.trim().normalize('NFC')
  // A grapheme has at least one unit, a unit at most three bytes: a short text needs no counting.
  if (sent.length <= limit - NEAR && sent.length * 3 <= bytes) return { fits: true, left: null }
  let count = 0
  for (const _ of segmenter.segment(sent)) if (++count > limit + COUNTED) break
  if (count > limit) return { fits: false, over: count - limit }
  if (new TextEncoder().encode(sent).length > bytes) return { fits: false, over: null }
  return { fits: true, left: count <= limit - NEAR ? null : limit - count }
}

/** The first grapheme of a name, for its tile. */
export function initial(name: string): string {
  for (const { segment } of segmenter.segment(name.trim())) return segment.toUpperCase()
  return '·'
}

/** Whether a paragraph is Korean and should not break within words. */
export function isKorean(text: string): boolean {
  return /[가-힣ㄱ-ㅎㅏ-ㅣ]/.test(text)
}

/** So many columns a line has where the text has its full width; Korean takes two a letter. */
const COLUMNS = 92
/** More lines are folded, a few more than are shown then: nothing is folded for two lines. */
const LONG_LINES = 24

/** Whether a message is so high that it is folded. */
export function isLong(text: string): boolean {
  if (text.length < LONG_LINES) return false
  let lines = 0
  for (const line of text.split('\n')) {
    const wide = line.length > COLUMNS / 2 ? (line.match(/[\u1100-\uffdc]/g)?.length ?? 0) : 0
    lines += Math.max(1, Math.ceil((line.length + wide) / COLUMNS))
    if (lines > LONG_LINES) return true
  }
  return false
}

export interface Marked {
  text: string
  marked: boolean
}

/** The text cut at ranges in UTF-16 units; ranges that do not fit are ignored. */
export function marked(text: string, ranges: readonly (readonly number[])[]): Marked[] {
  const out: Marked[] = []
  let at = 0
  const inOrder = ranges.map(([start = 0, end = 0]) => [start, end] as const)
  for (const [start, end] of inOrder.sort((a, b) => a[0] - b[0])) {
    if (start < at || end <= start || end > text.length) continue
    if (start > at) out.push({ text: text.slice(at, start), marked: false })
    out.push({ text: text.slice(start, end), marked: true })
    at = end
  }
  if (at < text.length) out.push({ text: text.slice(at), marked: false })
  return out
}
