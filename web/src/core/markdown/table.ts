/** Tables as GitHub writes them: a head, a line of dashes, rows. */
import type { Place } from './blocks'
import { parseInline } from './inline'
import { Flow, type Line } from './lines'
import type { Align, Block, Inline, Span } from './tree'

const delimiter = /^[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/

export function isDelimiterRow(source: string, line: Line | undefined): boolean {
  if (!line) return false
  const text = source.slice(line.start, line.end)
  return text.includes('|') && delimiter.test(text)
}

export function tableAt(
  lines: readonly Line[],
  at: number,
  place: Place,
): { block: Block; next: number } | null {
  const { source } = place
  const [top, rule] = [lines[at], lines[at + 1]]
  if (!top || !rule) return null
  const head = cells(source, top)
  const align = cells(source, rule).map(({ start, end }) => alignOf(source.slice(start, end)))
  if (head.length !== align.length) return null
  const parsed = (span: Span): Inline[] => parseInline(new Flow(source, [span]), place.mentions)
  const rows: Inline[][][] = []
  let next = at + 2
  for (; next < lines.length; next++) {
    const line = lines[next]
    if (!line || !source.slice(line.start, line.end).includes('|')) break
    rows.push(cells(source, line).map(parsed))
  }
  const end = lines[next - 1]?.end ?? rule.end
  const block: Block = {
    type: 'table',
    align,
    head: head.map(parsed),
    rows,
    start: top.start,
    end,
  }
  return { block, next }
}

function alignOf(dashes: string): Align {
  const [left, right] = [dashes.startsWith(':'), dashes.endsWith(':')]
  return left && right ? 'center' : right ? 'right' : left ? 'left' : null
}

/** The cells of a row, without the blanks around them; `\|` and bars in code do not part them. */
function cells(source: string, line: Line): Span[] {
  const out: Span[] = []
  let start = line.start
  let ticks = 0
  for (let at = line.start; at <= line.end; at++) {
    const c = at === line.end ? '|' : source[at]
    if (c === '\\') at += 1
    else if (c === '`' && at < line.end) ticks += 1
    else if (c === '|' && (at === line.end || ticks % 2 === 0)) {
      out.push(trimmed(source, start, Math.min(at, line.end)))
      start = at + 1
    }
  }
  // The bars at both ends part nothing.
  const isEmpty = (span: Span | undefined) => span !== undefined && span.start === span.end
  if (isEmpty(out[0]) && /^[ \t]*\|/.test(source.slice(line.start, line.end))) out.shift()
  if (out.length > 1 && isEmpty(out.at(-1))) out.pop()
  return out
}

function trimmed(source: string, from: number, to: number): Span {
  let [start, end] = [from, to]
  while (start < end && /[ \t]/.test(source[start] ?? '')) start += 1
  while (end > start && /[ \t]/.test(source[end - 1] ?? '')) end -= 1
  return { start, end }
}
