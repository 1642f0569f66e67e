/** Lines to blocks. What is quoted or listed is taken off its marks and read the same way. */
import { linesOf, Flow, type Line } from './lines'
import { parseInline } from './inline'
import { plainLeaves } from './leaves'
import { isDelimiterRow, tableAt } from './table'
import type { Block, CodeBlock, Item, List, Mention, Paragraph, Tree } from './tree'

/** Quotes and lists within each other; deeper, their marks are only text. */
const DEEPEST = 6

export interface Place {
  source: string
  /** Every mention of the message, in order. */
  mentions: readonly Mention[]
}

/** A message's text as a tree. */
export function parse(source: string, mentions: readonly Mention[] = []): Tree {
  const fitting = [...mentions].sort((a, b) => a.start - b.start || a.end - b.end)
  let at = 0
  // Namesakes share a range: the first one stands for them.
  const apart = fitting.filter(({ start, end }) => {
    const fits = start >= at && end > start && end <= source.length
    if (fits) at = end
    return fits
  })
  const place = { source, mentions: apart }
  return { source, blocks: parseBlocks(linesOf(source), place, 0) }
}

function parseBlocks(lines: readonly Line[], place: Place, depth: number): Block[] {
  const blocks: Block[] = []
  let open: Line[] = []
  /** Fences of so many tildes have no end here. */
  const unclosed = { length: Infinity }
  const settle = () => {
    const paragraph = paragraphOf(open, place)
    if (paragraph) blocks.push(paragraph)
    open = []
  }
  for (let at = 0; at < lines.length;) {
    const found = blockAt(lines, at, place, depth, unclosed)
    if (!found) {
      const line = lines[at]
      if (line) open.push(line)
      at += 1
      continue
    }
    settle()
    blocks.push(found.block)
    at = found.next
  }
  settle()
  return blocks
}

interface Found {
  block: Block
  next: number
}

function blockAt(
  lines: readonly Line[],
  at: number,
  place: Place,
  depth: number,
  unclosed: { length: number },
): Found | null {
  const line = lines[at]
  if (!line) return null
  const text = place.source.slice(line.start, line.end)
  // No block begins with a letter, and most lines do.
  const first = /^[ \t]*(.)/u.exec(text)?.[1]
  if (first === undefined) return null
  if (/[`~]/.test(first)) return fenceAt(lines, at, place, unclosed)
  if (first === '#') return headingAt(line, text, at, place)
  if (
    /[-*_]/.test(first) &&
    /^ {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})$/.test(text)
  )
    return { block: { type: 'rule', ...line }, next: at + 1 }
  if (first === '>' && depth < DEEPEST) return quoteAt(lines, at, place, depth)
  if (/[-*+\d]/.test(first) && depth < DEEPEST) {
    const list = listAt(lines, at, place, depth)
    if (list) return list
  }
  if (text.includes('|') && isDelimiterRow(place.source, lines[at + 1])) {
    return tableAt(lines, at, place)
  }
  return null
}

/** Empty lines within a paragraph stay; around it they are its distance. */
function paragraphOf(lines: readonly Line[], place: Place): Paragraph | null {
  const isBlank = ({ start, end }: Line) => place.source.slice(start, end).trim() === ''
  const from = lines.findIndex((line) => !isBlank(line))
  const to = lines.findLastIndex((line) => !isBlank(line)) + 1
  const [first, last] = [lines[from], lines[to - 1]]
  if (!first || !last) return null
  const children: Paragraph['children'] = []
  // What is marked does not go over an empty line.
  for (let at = from; at < to;) {
    let end = at
    while (end < to && !isBlank(lines[end] ?? last)) end += 1
    children.push(...parseInline(new Flow(place.source, lines.slice(at, end)), place.mentions))
    at = end
    while (at < to && isBlank(lines[at] ?? last)) at += 1
    if (at >= to) break
    // The break of the last line, and the empty ones as they stand.
    const stop = lines[end - 1]?.end ?? 0
    children.push({ type: 'text', start: stop, end: stop + 1 })
    for (const empty of lines.slice(end, at))
      children.push({ type: 'text', start: empty.start, end: empty.end + 1 })
  }
  return { type: 'paragraph', start: first.start, end: last.end, children: together(children) }
}

/** Neighbouring texts as one. */
function together(nodes: Paragraph['children']): Paragraph['children'] {
  const out: Paragraph['children'] = []
  for (const node of nodes) {
    const last = out.at(-1)
    if (node.type === 'text' && last?.type === 'text' && last.end === node.start)
      last.end = node.end
    else out.push(node)
  }
  return out
}

function headingAt(line: Line, text: string, at: number, place: Place): Found | null {
  const found = /^ {0,3}(#{1,6})[ \t]+(?=\S)/.exec(text)
  if (!found?.[1]) return null
  const start = line.start + found[0].length
  const body = text
    .slice(found[0].length)
    .replace(/[ \t]+#+[ \t]*$/, '')
    .trimEnd()
  const flow = new Flow(place.source, [{ start, end: start + body.length }])
  const children = parseInline(flow, place.mentions)
  return { block: { type: 'heading', level: found[1].length, ...line, children }, next: at + 1 }
}

function fenceAt(
  lines: readonly Line[],
  at: number,
  place: Place,
  unclosed: { length: number },
): Found | null {
  const { source } = place
  const line = lines[at]
  if (!line) return null
  const text = source.slice(line.start, line.end)
  const found = /^([ \t]*)(`{3,}|~{3,})(.*)$/.exec(text)
  const [, indent = '', fence = '', info = ''] = found ?? []
  // Backticks behind backticks are code within the line; tildes behind words draw them out.
  if (!found || (fence.startsWith('`') && info.includes('`'))) return null
  if (fence.startsWith('~') && !/^\s*[\w+#.-]*\s*$/.test(info)) return null
  if (fence.startsWith('~') && fence.length >= unclosed.length) return null
  const close = new RegExp(`^[ \\t]*${fence}${fence.charAt(0)}*[ \\t]*$`)
  let end = at + 1
  while (end < lines.length) {
    const one = lines[end]
    if (one && close.test(source.slice(one.start, one.end))) break
    end += 1
  }
  // Tildes without an end draw out a word; no longer ones are looked for again.
  if (fence.startsWith('~') && end === lines.length) {
    unclosed.length = fence.length
    return null
  }
  const body = lines.slice(at + 1, end).map((one) => {
    const taken = indented(source.slice(one.start, one.end), indent.length)
    return { start: one.start + taken, end: one.end }
  })
  const flow = new Flow(source, body)
  const block: CodeBlock = {
    type: 'code_block',
    language: /^\s*([^\s,{:]+)/.exec(info)?.[1]?.toLowerCase() ?? '',
    start: line.start,
    end: lines[Math.min(end, lines.length - 1)]?.end ?? line.end,
    children: flow
      .spans(0, flow.text.length)
      .flatMap((span) => plainLeaves(source, span, place.mentions)),
  }
  return { block, next: Math.min(end + 1, lines.length) }
}

/** How many of at most `width` blanks the line begins with. */
function indented(text: string, width: number): number {
  let taken = 0
  while (taken < width && /[ \t]/.test(text[taken] ?? '')) taken += 1
  return taken
}

/** Faces that begin like a quote: `>_<`, `>.<`, `> <`, `>ㅁ<`, `>:(`. */
const face = /^>(?:\s?[^\s>]{0,3}\s?<(?![\w/])|[:;=][-']?[()DPpO|/\\3]|[._][<>])/
const quoted = /^[ \t]{0,3}>(?:[ \t]|$|(?=[>\p{L}\p{N}"'“‘([「『*_~`|#@-]))/u

function quoteMark(text: string): number {
  if (face.test(text.trimStart())) return 0
  return quoted.exec(text)?.[0].length ?? 0
}

function quoteAt(lines: readonly Line[], at: number, place: Place, depth: number): Found | null {
  const inner: Line[] = []
  let next = at
  for (; next < lines.length; next++) {
    const line = lines[next]
    const taken = line ? quoteMark(place.source.slice(line.start, line.end)) : 0
    if (!line || taken === 0) break
    inner.push({ start: line.start + taken, end: line.end })
  }
  const [first, last] = [lines[at], lines[next - 1]]
  if (next === at || !first || !last) return null
  const children = parseBlocks(inner, place, depth + 1)
  return { block: { type: 'quote', start: first.start, end: last.end, children }, next }
}

interface Bullet {
  indent: number
  /** Where the item's text begins in the line. */
  body: number
  kind: string
  value?: number
}

/**
 * `- `, `* `, `+ `, `1. `, `1) `. Numbers as in `2026. 11. 29.` are a date, and four digits a year.
 */
function bulletOf(text: string): Bullet | null {
  const found = /^([ \t]*)(?:([-*+])|(\d{1,3})([.)]))[ \t]+(?=\S)/.exec(text)
  if (!found) return null
  const [all, indent = '', sign, digits, close = ''] = found
  const rest = text.slice(all.length)
  if (digits !== undefined && /^\d+\.(?:\s|$)/.test(rest)) return null
  const width = indent.replaceAll('\t', '    ').length
  return sign !== undefined
    ? { indent: width, body: all.length, kind: sign }
    : { indent: width, body: all.length, kind: close, value: Number(digits) }
}

function listAt(lines: readonly Line[], at: number, place: Place, depth: number): Found | null {
  const { source } = place
  const textOf = (index: number) => {
    const line = lines[index]
    return line ? source.slice(line.start, line.end) : ''
  }
  const begin = bulletOf(textOf(at))
  if (!begin) return null
  const items: Item[] = []
  let next = at
  while (next < lines.length) {
    const bullet = bulletOf(textOf(next))
    const head = lines[next]
    if (!head || bullet?.kind !== begin.kind) break
    if (bullet.indent < begin.indent || bullet.indent > begin.indent + 1) break
    const inner: Line[] = [{ start: head.start + bullet.body, end: head.end }]
    let end = next + 1
    // What is further in than the sign belongs to the item, also behind one empty line.
    for (; end < lines.length; end++) {
      const line = lines[end]
      const text = textOf(end)
      if (!line) break
      if (text.trim() === '') {
        if (!isInside(textOf(end + 1), bullet.indent)) break
        inner.push({ start: line.end, end: line.end })
        continue
      }
      if (!isInside(text, bullet.indent)) break
      inner.push({ start: line.start + indented(text, bullet.body), end: line.end })
    }
    items.push(itemOf(inner, bullet, head, lines[end - 1] ?? head, place, depth))
    // One empty line between two items leaves them in one list.
    const after = bulletOf(textOf(end + 1))
    const joins = textOf(end).trim() === '' && after?.kind === begin.kind
    next = joins && after.indent === begin.indent && end < lines.length ? end + 1 : end
  }
  const last = items.at(-1)
  const ordered = begin.value !== undefined
  const list: List = {
    type: 'list',
    ordered,
    items,
    start: lines[at]?.start ?? 0,
    end: last?.end ?? 0,
  }
  return { block: ordered ? counted(list) : list, next }
}

function isInside(text: string, indent: number): boolean {
  const blanks = /^[ \t]*(?=\S)/.exec(text)?.[0].replaceAll('\t', '    ').length
  return blanks !== undefined && blanks >= indent + 2
}

function itemOf(
  inner: Line[],
  bullet: Bullet,
  head: Line,
  last: Line,
  place: Place,
  depth: number,
): Item {
  const item: Item = { start: head.start, end: last.end, children: [] }
  if (bullet.value !== undefined) item.value = bullet.value
  const [first] = inner
  const task = first && /^\[([ xX])\][ \t]+(?=\S)/.exec(place.source.slice(first.start, first.end))
  if (task) {
    item.checked = task[1] !== ' '
    first.start += task[0].length
  }
  item.children = parseBlocks(inner, place, depth + 1)
  return item
}

/** The same number everywhere means "count for me"; other numbers are meant as they stand. */
function counted(list: List): List {
  const [first] = list.items
  const same = list.items.every((item) => item.value === first?.value)
  if (same && first?.value !== undefined) {
    const from = first.value
    list.items.forEach((item, index) => (item.value = from + index))
  }
  return list
}
