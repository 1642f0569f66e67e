/** Lines of a text without the markup before them, and the way back to their places. */
import type { Span } from './tree'

/** One line of the source, without its break; `start` moves right as containers are taken off. */
export type Line = Span

export function linesOf(source: string): Line[] {
  const lines: Line[] = []
  for (let start = 0; ;) {
    const end = source.indexOf('\n', start)
    if (end < 0) return [...lines, { start, end: source.length }]
    lines.push({ start, end })
    start = end + 1
  }
}

/**
 * Lines as one text. In a quote they are not neighbours in the source: `at` says where a position
 * of the text stands there, `spans` cuts a range of the text where the source has a gap.
 */
export class Flow {
  readonly text: string
  private readonly starts: number[] = []

  constructor(
    readonly source: string,
    private readonly lines: readonly Line[],
  ) {
    let length = 0
    const parts = lines.map(({ start, end }) => {
      this.starts.push(length)
      length += end - start + 1
      return source.slice(start, end)
    })
    this.text = parts.join('\n')
  }

  at(position: number): number {
    const index = this.lineAt(position)
    return (this.lines[index]?.start ?? 0) + position - (this.starts[index] ?? 0)
  }

  spans(from: number, to: number): Span[] {
    const out: Span[] = []
    for (let index = this.lineAt(from); index < this.lines.length; index++) {
      const begin = this.starts[index] ?? 0
      if (begin >= to) break
      const next = this.starts[index + 1] ?? this.text.length
      const start = this.at(Math.max(from, begin))
      const end = start + Math.min(to, next) - Math.max(from, begin)
      const last = out.at(-1)
      if (last?.end === start) last.end = end
      else if (end > start) out.push({ start, end })
    }
    return out
  }

  private lineAt(position: number): number {
    let low = 0
    let high = this.starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.starts[middle] ?? 0) <= position) low = middle
      else high = middle - 1
    }
    return low
  }
}
