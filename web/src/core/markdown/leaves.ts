/** A stretch of text as leaves: emoji told apart, mentions too, and no control goes unseen. */
import { emojiSpans } from '../emojis/emoji'
import type { Leaf, Mention, Span } from './tree'

/** Characters that turn the direction of what follows, by the names they are shown under. */
const controls: Record<string, string> = {
  '\u202a': 'LRE',
  '\u202b': 'RLE',
  '\u202c': 'PDF',
  '\u202d': 'LRO',
  '\u202e': 'RLO',
  '\u2066': 'LRI',
  '\u2067': 'RLI',
  '\u2068': 'FSI',
  '\u2069': 'PDI',
}

export function plainLeaves(source: string, span: Span, mentions: readonly Mention[]): Leaf[] {
  const text = source.slice(span.start, span.end)
  const special: Leaf[] = [
    ...mentions.filter(({ start, end }) => start >= span.start && end <= span.end),
    ...emojiSpans(text).map(({ start, end }) => ({
      type: 'emoji' as const,
      start: start + span.start,
      end: end + span.start,
    })),
    ...controlsIn(text, span.start),
  ]
  const out: Leaf[] = []
  let at = span.start
  for (const leaf of special.sort((a, b) => a.start - b.start)) {
    // Emoji within a name belong to it.
    if (leaf.start < at) continue
    if (leaf.start > at) out.push({ type: 'text', start: at, end: leaf.start })
    out.push(leaf)
    at = leaf.end
  }
  if (at < span.end) out.push({ type: 'text', start: at, end: span.end })
  return out
}

function controlsIn(text: string, shift: number): Leaf[] {
  if (!/[\u202a-\u202e\u2066-\u2069]/.test(text)) return []
  return [...text.matchAll(/[\u202a-\u202e\u2066-\u2069]/g)].map((match) => ({
    type: 'shown',
    kind: 'control',
    as: controls[match[0]] ?? '',
    start: match.index + shift,
    end: match.index + shift + 1,
  }))
}
