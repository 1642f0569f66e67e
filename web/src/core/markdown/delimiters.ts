/** Which run of marks closes which: CommonMark's algorithm, in linear time. */
import type { Styled } from './tree'

/** One run of `*`, `_`, `~` or `|`. From the left it closes, then comes what is only text, then it opens. */
export interface Run {
  mark: string
  from: number
  length: number
  /** So many of its characters belong to no pair. */
  left: number
  open: boolean
  close: boolean
  closes: { id: number; length: number }[]
  opens: { id: number; length: number; type: Styled['type'] }[]
}

/** So short a pair may be a face, as `*^^*`, and has to hold a letter. */
const SHORT = 8

export class Delimiters {
  private runs: Run[] = []
  private pairs = 0

  constructor(private readonly text: string) {}

  get count(): number {
    return this.runs.length
  }

  add(run: Run): void {
    this.runs.push(run)
  }

  /** Pairs the runs from number `first` on, and forgets them. */
  match(first: number): void {
    const openers: Run[] = []
    /** Below this height no opener answers such a closer. */
    const bottoms = new Map<string, number>()
    for (const run of this.runs.splice(first)) {
      const kind = `${run.mark}${run.open ? 1 : 0}${run.length % 3}`
      while (run.close && run.left >= least(run.mark)) {
        const bottom = bottoms.get(kind) ?? 0
        let at = openers.length - 1
        while (at >= bottom && !this.answers(openers[at], run)) at -= 1
        const opener = openers[at]
        if (at < bottom || !opener) {
          bottoms.set(kind, openers.length)
          break
        }
        this.pair(opener, run)
        const height = opener.left >= least(run.mark) ? at + 1 : at
        openers.length = height
        for (const [key, value] of bottoms) if (value > height) bottoms.set(key, height)
      }
      if (run.open && run.left >= least(run.mark)) openers.push(run)
    }
  }

  private answers(opener: Run | undefined, closer: Run): boolean {
    if (opener?.mark !== closer.mark) return false
    if (opener.mark === '*' || opener.mark === '_') {
      const both = opener.close || closer.open
      const sum = opener.length + closer.length
      if (both && sum % 3 === 0 && !(opener.length % 3 === 0 && closer.length % 3 === 0))
        return false
    }
    const [from, to] = [opener.from + opener.length, closer.from]
    if (to - from > SHORT) return true
    return /[\p{L}\p{N}\p{So}\p{Extended_Pictographic}`]/u.test(this.text.slice(from, to))
  }

  private pair(opener: Run, closer: Run): void {
    const id = this.pairs++
    const length = opener.left >= 2 && closer.left >= 2 ? 2 : 1
    opener.left -= length
    closer.left -= length
    opener.opens.unshift({ id, length, type: typeOf(opener.mark, length) })
    closer.closes.push({ id, length })
  }
}

function least(mark: string): number {
  return mark === '~' || mark === '|' ? 2 : 1
}

function typeOf(mark: string, length: number): Styled['type'] {
  if (mark === '~') return 'strike'
  if (mark === '|') return 'spoiler'
  return length === 2 ? 'strong' : 'em'
}
