/**
 * Which of many rows are drawn: first those around what is looked at, then a few more with each
 * frame, until all are. Drawing them all at once would take longer than a frame.
 */

/** The first and the last row that are drawn, by their keys. */
export interface Edges {
  first: string
  last: string
}

interface Keyed {
  key: string
}

/** From and up to which index; `to` is the first that is not drawn. */
export interface Slice {
  from: number
  to: number
}

/** So many rows are added at each end at once; as many may come without being counted. */
export const STEP = 16
/** Above what is looked at. */
const ABOVE = 8

/**
 * `at` is the row that is looked at, or -1 for the end; `fill` rows fill the view. What was drawn
 * before stays drawn, as far as it is there.
 */
export function revealed(
  rows: readonly Keyed[],
  before: Edges | null,
  at: number,
  fill: number,
): Slice {
  const length = rows.length
  if (before) {
    let from = rows.findIndex(({ key }) => key === before.first)
    let to = rows.findLastIndex(({ key }) => key === before.last) + 1
    // One end was let go: from the other on it is as long as it may be.
    if (from === -1 && to > 0) from = 0
    if (to === 0 && from >= 0) to = length
    if (from >= 0 && from < to) {
      return { from: Math.max(0, from - STEP), to: Math.min(length, to + STEP) }
    }
  }
  const seen = at < 0 ? length - 1 : at
  return {
    from: Math.max(0, Math.min(seen - ABOVE, length - fill)),
    to: Math.min(length, seen + fill),
  }
}

export const isWithin = ({ from, to }: Slice, index: number): boolean => index >= from && index < to
