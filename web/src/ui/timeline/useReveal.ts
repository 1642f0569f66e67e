/** Of many rows those that fill the view come first, the others a few with each frame. */
import { useLayoutEffect, useState } from 'react'
import type { Row } from '../../core/rows'
import { isSettled, isWithin, revealed, type Edges } from '../../core/reveal'
import { nextFrame, painted } from '../painted'

/** Nothing was read in this page yet. */
let untouched = true

/** What is on the page since some frame. */
interface Drawn {
  edges: Edges | null
  visit: number | undefined
}

export interface Revealed {
  shown: readonly Row[]
  /** Nothing of the window is missing above, or below. */
  above: boolean
  below: boolean
}

/** `at` is the row where one is led, -1 for the last one; with `visit` one goes there anew. */
export function useReveal(rows: readonly Row[], at: number, visit: number | undefined): Revealed {
  const [drawn, setDrawn] = useState<Drawn>({ edges: null, visit: undefined })
  const fill = innerHeight
  const grown = revealed(rows, drawn.edges, at, fill)
  const leads = visit !== undefined && visit !== drawn.visit && at >= 0
  const { from, to } = leads && !isWithin(grown, at) ? revealed(rows, null, at, fill) : grown
  const above = from === 0
  const below = to === rows.length
  const first = rows[from]?.key
  const last = rows[to - 1]?.key
  const here = leads ? visit : drawn.visit
  // A few rows at an end come by themselves; it need not be counted each time.
  const settled = above && below && here === drawn.visit && isSettled(rows, drawn.edges)
  useLayoutEffect(() => {
    if (settled || first === undefined || last === undefined) return
    let over = false
    const grow = () => {
      if (!over) setDrawn({ edges: { first, last }, visit: here })
    }
    const isFirst = untouched
    untouched = false
    // What fills the view is seen before anything else is done.
    if (isFirst) void painted().then(grow)
    const cancel = isFirst ? undefined : nextFrame(grow)
    return () => {
      over = true
      cancel?.()
    }
  }, [settled, first, last, here])
  return { shown: above && below ? rows : rows.slice(from, to), above, below }
}
