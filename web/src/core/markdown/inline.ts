/** Within a line: code, links, mentions, and what is bold, slanted, struck out or hidden. */
import { bareLink, linkAt, maskedHost, safeHref } from '../links'
import { buildInline, type Part } from './build'
import { Delimiters, type Run } from './delimiters'
import { flanks } from './flanks'
import { plainLeaves } from './leaves'
import type { Flow } from './lines'
import type { Inline, Mention } from './tree'

/** A destination and a title are not longer than this. */
const LONGEST = 2_048

/** The tree of a text; `mentions` are all of the source, in order. */
export function parseInline(flow: Flow, mentions: readonly Mention[]): Inline[] {
  return new InlineParser(flow, mentions).parse()
}

class InlineParser {
  private readonly text: string
  private readonly parts: Part[] = []
  private readonly delimiters: Delimiters
  /** Brackets that may still become a link: their part, and how many runs stood before. */
  private brackets: { part: Part & { kind: 'bracket' }; runs: number }[] = []
  private at = 0
  /** What comes before is in `parts`. */
  private done = 0
  private ticks: Map<number, number[]> | undefined
  private mention: number

  constructor(
    private readonly flow: Flow,
    private readonly mentions: readonly Mention[],
  ) {
    this.text = flow.text
    this.delimiters = new Delimiters(flow.text)
    this.mention = mentions.findIndex(({ start }) => start >= flow.at(0))
    if (this.mention < 0) this.mention = mentions.length
  }

  parse(): Inline[] {
    const { text } = this
    while (this.at < text.length) {
      if (!this.step(text[this.at] ?? '')) this.at += 1
    }
    this.plain(text.length)
    this.delimiters.match(0)
    return buildInline(this.flow, this.parts)
  }

  /** Takes what begins here; false where it is only text. */
  private step(c: string): boolean {
    switch (c) {
      case '@':
        return this.person()
      case '\\':
        return this.escape()
      case '`':
        return this.code()
      case '*':
      case '_':
      case '~':
      case '|':
        return this.run(c)
      case '[':
        return this.open(this.at + 1)
      case '!':
        return this.text[this.at + 1] === '[' && this.open(this.at + 2)
      case ']':
        return this.close()
      case '<':
        return this.angle()
      default:
        return /[A-Za-z0-9]/.test(c) && this.address()
    }
  }

  private plain(to: number): void {
    if (to > this.done) this.parts.push({ kind: 'text', from: this.done, to })
    this.done = to
  }

  /** `part` stands for the text from here to `to`. */
  private push(part: Part, to: number): true {
    this.plain(this.at)
    this.parts.push(part)
    this.at = this.done = to
    return true
  }

  private skip(to: number): true {
    this.at = to
    return true
  }

  /** A mention is one thing, whatever signs the name has. */
  private person(): boolean {
    const start = this.flow.at(this.at)
    while ((this.mentions[this.mention]?.start ?? Infinity) < start) this.mention += 1
    const next = this.mentions[this.mention]
    if (next?.start !== start) return false
    const to = this.at + next.end - start
    // One that goes over a gap of the source is none.
    if (to > this.text.length || this.flow.at(to - 1) !== next.end - 1) return false
    return this.push({ kind: 'node', node: next }, to)
  }

  private escape(): boolean {
    const { text, at } = this
    const next = text[at + 1] ?? ''
    if (!/[*_~`|[\]#>+.-]/.test(next)) return false
    // A shrug keeps its arm; a dot needs a cover only behind a number.
    if (text[at - 1] === '¯' || (next === '.' && !/\d/.test(text[at - 1] ?? ''))) return false
    this.plain(at)
    this.done = at + 1
    return this.skip(at + 2)
  }

  private code(): boolean {
    const { text, at, flow } = this
    let open = at
    while (text[open] === '`') open += 1
    const length = open - at
    this.ticks ??= tickRuns(text)
    const ends = this.ticks.get(length) ?? []
    const end = ends[firstAbove(ends, at)]
    if (end === undefined) return this.skip(open)
    let [from, to] = [open, end]
    // A space that keeps a backtick from the marks is not shown.
    const padded = text[from] === ' ' && text[to - 1] === ' ' && text.slice(from, to).trim() !== ''
    if (padded) [from, to] = [from + 1, to - 1]
    const children = flow
      .spans(from, to)
      .flatMap((span) => plainLeaves(flow.source, span, this.mentions))
    const [start, last] = [flow.at(at), flow.at(end + length - 1)]
    return this.push(
      { kind: 'node', node: { type: 'code', start, end: last + 1, children } },
      end + length,
    )
  }

  private run(mark: string): boolean {
    const { text, at } = this
    let end = at
    while (text[end] === mark) end += 1
    const length = end - at
    const before = lastOf(text.slice(Math.max(0, at - 2), at))
    const after = firstOf(text.slice(end, end + 2))
    const { open, close } = flanks(mark, length, before, after)
    // `__init__.py` and `__main__(` are names.
    const name = mark === '_' && /^(?:\.\w|\()/.test(text.slice(end, end + 2))
    if (!(open || close) || name) return this.skip(end)
    const run: Run = { mark, from: at, length, left: length, open, close, opens: [], closes: [] }
    this.delimiters.add(run)
    return this.push({ kind: 'run', run }, end)
  }

  private open(to: number): boolean {
    const part = { kind: 'bracket', from: this.at, to } as const
    this.brackets.push({ part, runs: this.delimiters.count })
    return this.push(part, to)
  }

  private close(): boolean {
    const { at, text } = this
    const bracket = this.brackets.pop()
    if (!bracket || text[at + 1] !== '(') return false
    const destination = destinationAt(text, at + 1)
    const href = destination && safeHref(destination.address)
    if (!destination || href == null) return false
    const label = text.slice(bracket.part.to, at)
    const warn = maskedHost(label, href)
    bracket.part.link = { href, ...(warn === undefined ? {} : { warn }) }
    // Links do not nest.
    this.brackets = []
    this.delimiters.match(bracket.runs)
    this.plain(at)
    if (label.trim() === '') {
      // Without a label the address is shown.
      this.done = destination.from
      this.plain(destination.to)
    }
    return this.push({ kind: 'end', to: destination.end }, destination.end)
  }

  /** `<https://…>`: an address as it stands, whatever it has in it. */
  private angle(): boolean {
    const { text, at } = this
    const address = /^<((?:https?:\/\/|mailto:)[^\s<>]{1,2000})>/i.exec(
      text.slice(at, at + LONGEST),
    )?.[1]
    const href = address === undefined ? null : safeHref(address)
    if (href === null || address === undefined) return false
    const end = at + 1 + address.length
    const node = bareLink(text, at + 1, { end, href }, this.flow.at(at + 1) - at - 1)
    return this.push({ kind: 'node', node }, end + 1)
  }

  private address(): boolean {
    const { text, at } = this
    const found = linkAt(text, at)
    if (found) {
      const node = bareLink(text, at, found, this.flow.at(at) - at)
      return this.push({ kind: 'node', node }, found.end)
    }
    // The rest of a Latin word begins no address: it is not looked at letter by letter.
    let end = at + 1
    while (end < text.length && /[A-Za-z0-9]/.test(text[end] ?? '')) end += 1
    return this.skip(end)
  }
}

interface Destination {
  address: string
  from: number
  to: number
  end: number
}

/** `(address "title")` behind a label. */
function destinationAt(text: string, at: number): Destination | null {
  const some = text.slice(at, at + LONGEST)
  const found =
    /^\([ \n]*<([^<>\n]*)>(?:\s+(?:"[^"]*"|'[^']*'))?[ \n]*\)/.exec(some) ??
    /^\([ \n]*((?:[^\s()<>]|\([^\s()<>]*\))+)(?:\s+(?:"[^"]*"|'[^']*'))?[ \n]*\)/.exec(some)
  if (found?.[1] === undefined) return null
  const from = at + found[0].indexOf(found[1], 1)
  return { address: found[1], from, to: from + found[1].length, end: at + found[0].length }
}

function tickRuns(text: string): Map<number, number[]> {
  const runs = new Map<number, number[]>()
  for (const { index, 0: run } of text.matchAll(/`+/g)) {
    const same = runs.get(run.length)
    if (same) same.push(index)
    else runs.set(run.length, [index])
  }
  return runs
}

function firstAbove(sorted: readonly number[], value: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] ?? 0) > value) high = middle
    else low = middle + 1
  }
  return low
}

function firstOf(text: string): string {
  const code = text.codePointAt(0)
  return code === undefined ? '' : String.fromCodePoint(code)
}

function lastOf(text: string): string {
  const low = text.charCodeAt(text.length - 1)
  return low >= 0xdc00 && low <= 0xdfff ? text.slice(-2) : text.slice(-1)
}
