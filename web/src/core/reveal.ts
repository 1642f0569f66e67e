/**
 * Which of many rows are drawn: first those around what is looked at, then a few more with each
 * frame, until all are. Drawing them all at once would take longer than a frame.
 */

import type { Row } from './rows'

/** The first and the last row that are drawn, by their keys. */
export interface Edges {
  first: string
  last: string
}

type Keyed = Pick<Row, 'key'>

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
 * `at` is the row that is looked at, or -1 for the end; `fill_px` is the height of the view. What
 * was drawn before stays drawn, as far as it is there.
 */
export function revealed(
  rows: readonly Row[],
  before: Edges | null,
  at: number,
  fill_px: number,
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
  let to = Math.max(0, seen)
  for (let px = 0; to < length && px < fill_px; to++) px += leastHeight(rows[to])
  let from = Math.max(0, seen - ABOVE)
  // From the end the view is filled upwards.
  let below_px = 0
  for (let n = from; n < to; n++) below_px += leastHeight(rows[n])
  for (; from > 0 && below_px < fill_px; from--) below_px += leastHeight(rows[from - 1])
  return { from, to }
}

/** Of a row, in pixels: it is never less, so that the view is full. */
function leastHeight(row: Row | undefined): number {
  if (row?.kind !== 'message') return 28
  const { message, follows } = row
  const lines = Math.min(FOLDED, message.text.split('\n').length)
  return (follows ? 6 : 30) + lines * 21
}

/** A text of more lines is folded. */
const FOLDED = 12

/** Everything is drawn, and what came since it was noted is so little that it may wait. */
export function isSettled(rows: readonly Keyed[], edges: Edges | null): boolean {
  if (rows.length === 0) return true
  if (!edges) return false
  const near = STEP / 2
  const first = rows.findIndex(({ key }) => key === edges.first)
  // What was let go at the beginning is no longer there.
  return first <= near && rows.slice(-near).some(({ key }) => key === edges.last)
}

export const isWithin = ({ from, to }: Slice, index: number): boolean => index >= from && index < to
