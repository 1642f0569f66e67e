/** Of many rows those that fill the view come first, the others a few with each frame. */
import { useLayoutEffect, useReducer, useState } from 'react'
import type { Row } from '../../core/rows'
import { isWithin, revealed, type Edges } from '../../core/reveal'
import { nextFrame, painted } from '../painted'

/** The least height of a row. */
const ROW_PX = 28

/** Nothing was read in this page yet. */
let untouched = true

/** What is on the page; it changes only when that does. */
class Drawn {
  edges: Edges | null = null
  visit: number | undefined

  /** Whether it is the first of its kind. */
  keep(first: string | undefined, last: string | undefined, visit: number | undefined): boolean {
    const begins = this.edges === null
    this.edges = first === undefined || last === undefined ? null : { first, last }
    this.visit = visit
    return begins
  }
}

export interface Revealed {
  shown: readonly Row[]
  /** Nothing of the window is missing above, or below. */
  above: boolean
  below: boolean
}

/** `at` is the row where one is led, -1 for the last one; with `visit` one goes there anew. */
export function useReveal(rows: readonly Row[], at: number, visit: number | undefined): Revealed {
  const [drawn] = useState(() => new Drawn())
  const [, more] = useReducer((turn: number) => turn + 1, 0)
  const fill = Math.ceil(innerHeight / ROW_PX)
  const grown = revealed(rows, drawn.edges, at, fill)
  const leads = visit !== undefined && visit !== drawn.visit && at >= 0
  const slice = leads && !isWithin(grown, at) ? revealed(rows, null, at, fill) : grown
  const above = slice.from === 0
  const below = slice.to === rows.length
  const first = rows[slice.from]?.key
  const last = rows[slice.to - 1]?.key
  // After every commit: a render that React throws away draws nothing.
  useLayoutEffect(() => {
    const begins = drawn.keep(first, last, leads ? visit : drawn.visit)
    if (above && below) return
    let over = false
    const grow = () => {
      if (!over) more()
    }
    const isFirst = begins && untouched
    untouched = false
    // What fills the view is seen before anything else is done.
    if (isFirst) void painted().then(grow)
    const cancel = isFirst ? undefined : nextFrame(grow)
    return () => {
      over = true
      cancel?.()
    }
  })
  return { shown: above && below ? rows : rows.slice(slice.from, slice.to), above, below }
}
