/** What of a message is shown where it was found: words without their markup, the marked ones near. */
import { marked, type Marked } from '../text'
import { parse } from './blocks'
import { hidden, mask, standApart } from './preview'
import { leaves } from './tree'

/** So much stands before the first marked word; what is further away is left out. */
const BEFORE = 60

/** The ranges are of the source, in UTF-16 units, in order. */
export function excerpt(source: string, ranges: readonly (readonly number[])[]): Marked[] {
  const tree = parse(source)
  const secrets = hidden(tree.blocks)
  const out: Marked[] = []
  const add = (text: string, marked: boolean) => {
    const last = out.at(-1)
    const flat = text.replace(/\s+/g, ' ')
    const part = last === undefined || last.text.endsWith(' ') ? flat.replace(/^ /, '') : flat
    if (part === '') return
    if (last?.marked === marked) last.text += part
    else out.push({ text: part, marked })
  }
  let at = 0
  for (const leaf of leaves(tree.blocks)) {
    if (standApart(source.slice(at, leaf.start))) add(' ', false)
    at = leaf.end
    if (secrets.some(({ start, end }) => leaf.start >= start && leaf.end <= end)) {
      add(mask(source.slice(leaf.start, leaf.end)), false)
      continue
    }
    const within = ranges.filter(([start = 0, end = 0]) => start < leaf.end && end > leaf.start)
    if (leaf.type === 'shown') {
      add(leaf.as, within.length > 0)
      continue
    }
    let from = leaf.start
    for (const [start = 0, end = 0] of within) {
      if (start > from) add(source.slice(from, start), false)
      const to = Math.min(end, leaf.end)
      if (to > from) add(source.slice(Math.max(start, from), to), true)
      from = Math.max(from, to)
    }
    if (from < leaf.end) add(source.slice(from, leaf.end), false)
  }
  // Of markup alone, as of `---`, nothing would be left.
  return out.length === 0 ? marked(source, ranges) : near(out)
}

/** A long beginning is left out, from a space on where there is one. */
function near(parts: Marked[]): Marked[] {
  const [first, second] = parts
  if (!first || first.marked || !second || first.text.length <= 2 * BEFORE) return parts
  const tail = first.text.slice(-BEFORE)
  const space = tail.indexOf(' ')
  const from = space < 0 || space > BEFORE / 2 ? 0 : space + 1
  return [
    { text: `…${tail.slice(from)}`.replace(/^…[\uDC00-\uDFFF]/, '…'), marked: false },
    ...parts.slice(1),
  ]
}
