/** Texts as people count and read them: graphemes, links, highlighted ranges. */

const segmenter = new Intl.Segmenter('ko', { granularity: 'grapheme' })

/** How long a message may be, as the server says. Characters are graphemes on both sides. */
export interface Limits {
  message_characters: number
  message_bytes: number
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

export interface Piece {
  text: string
  href?: string
  mention?: boolean
  /** Whom the mention means, where the message says so. */
  user?: number
}

export interface Range {
  start: number
  end: number
  user_id: number
}

const link = /https?:\/\/[^\s<>"'`]+/giu

/**
 * The text in pieces: plain, links (http and https only), and mentions. These stand where the
 * message says; where it says nothing of ranges, behind `@` with one of the names.
 */
export function pieces(
  text: string,
  names: readonly string[],
  ranges: readonly Range[] = [],
): Piece[] {
  const out: Piece[] = []
  const plain = (from: number, to: number) => {
    if (ranges.length === 0) out.push(...named(text.slice(from, to), names))
    else out.push(...ranged(text, from, to, ranges))
  }
  let at = 0
  for (const match of text.matchAll(link)) {
    const href = trimmed(match[0])
    if (!URL.canParse(href)) continue
    plain(at, match.index)
    out.push({ text: href, href })
    at = match.index + href.length
  }
  plain(at, text.length)
  return out
}

/** The part of the text from `from` to `to`, with the ranges that lie in it. */
function ranged(text: string, from: number, to: number, ranges: readonly Range[]): Piece[] {
  const out: Piece[] = []
  let at = from
  // Namesakes share a range: the first one stands for them.
  for (const { start, end, user_id } of [...ranges].sort((a, b) => a.start - b.start)) {
    if (start < at || end <= start || end > to) continue
    if (start > at) out.push({ text: text.slice(at, start) })
    out.push({ text: text.slice(start, end), mention: true, user: user_id })
    at = end
  }
  if (at < to) out.push({ text: text.slice(at, to) })
  return out
}

/** Without what belongs to the sentence: closing marks, and particles that stick to the address. */
function trimmed(url: string): string {
  let end = url.replace(/[.,;:!?…)\]}'"」』]+$/u, '')
  const opened = end.split('(').length
  const closed = end.split(')').length
  if (opened > closed && url[end.length] === ')') end += ')'
  return end.replace(/(?<=[\w/])(은|는|이|가|을|를|에|에서|으로|로|와|과|도|만|의)$/u, '')
}

function named(text: string, names: readonly string[]): Piece[] {
  if (text === '') return []
  const wanted = names.filter((name) => name !== '').sort((a, b) => b.length - a.length)
  if (wanted.length === 0) return [{ text }]
  const pattern = new RegExp(`@(?:${wanted.map(escaped).join('|')})`, 'giu')
  const out: Piece[] = []
  let at = 0
  for (const match of text.matchAll(pattern)) {
    if (match.index > at) out.push({ text: text.slice(at, match.index) })
    out.push({ text: match[0], mention: true })
    at = match.index + match[0].length
  }
  if (at < text.length) out.push({ text: text.slice(at) })
  return out
}

function escaped(name: string): string {
  return name.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
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
