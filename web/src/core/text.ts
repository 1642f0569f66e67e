/** Texts as people count and read them: graphemes, links, highlighted ranges. */

const segmenter = new Intl.Segmenter('ko', { granularity: 'grapheme' })

/** The longest message, in graphemes. */
export const MESSAGE_LIMIT = 4_000

/** How many graphemes are left, or `null` while the limit is far. */
export function left(text: string): number | null {
  // A grapheme has at least one unit: a short text needs no counting.
  if (text.length <= MESSAGE_LIMIT - 400) return null
  let count = 0
  for (const _ of segmenter.segment(text)) count += 1
  return count <= MESSAGE_LIMIT - 400 ? null : MESSAGE_LIMIT - count
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
}

const link = /https?:\/\/[^\s<>"'`]+/giu

/** The text in pieces: plain, links (http and https only), and `@` with one of the names. */
export function pieces(text: string, names: readonly string[]): Piece[] {
  const out: Piece[] = []
  let at = 0
  for (const match of text.matchAll(link)) {
    const href = trimmed(match[0])
    if (!URL.canParse(href)) continue
    out.push(...named(text.slice(at, match.index), names), { text: href, href })
    at = match.index + href.length
  }
  out.push(...named(text.slice(at), names))
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
