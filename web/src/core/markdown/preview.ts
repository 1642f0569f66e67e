/** A message in one line, as lists and quotes show it: the words without their markup. */
import { parse } from './blocks'
import { leaves, type Span } from './tree'

/** As much of a text as any line can show. */
const SHOWN = 600

/** What hides until one asks for it stays hidden here. */
export function preview(source: string): string {
  const tree = parse(source.length > SHOWN ? source.slice(0, SHOWN) : source)
  const secrets = hidden(tree.blocks)
  let at = 0
  let out = ''
  for (const leaf of leaves(tree.blocks)) {
    if (standApart(source.slice(at, leaf.start))) out += ' '
    at = leaf.end
    const text = leaf.type === 'shown' ? leaf.as : source.slice(leaf.start, leaf.end)
    const secret = secrets.some(({ start, end }) => leaf.start >= start && leaf.end <= end)
    out += secret ? mask(text) : text
  }
  return out.replace(/\s+/g, ' ').trim()
}

/** Blocks and cells do, marks within a word and around a spoiler do not. */
export const standApart = (markup: string): boolean => /\n|(?<!\|)\|(?!\|)/.test(markup)

export const mask = (text: string): string => '▒'.repeat(Math.min(text.length, 12))

/** Where spoilers stand. */
export function hidden(node: unknown): Span[] {
  if (typeof node !== 'object' || node === null) return []
  if (Array.isArray(node)) return node.flatMap(hidden)
  const { type, start, end } = node as Partial<Span & { type: string }>
  if (type === 'spoiler' && start !== undefined && end !== undefined) return [{ start, end }]
  return Object.values(node).flatMap(hidden)
}
