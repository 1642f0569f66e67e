/** Of many rows those that fill the view come first, the others a few with each frame. */
import { startTransition, useLayoutEffect, useState } from 'react'
import type { Row } from '../../core/rows'
import { isSettled, isWithin, revealed, type Edges } from '../../core/reveal'
import { nextFrame, opened } from '../painted'

/** Nothing was read in this page yet. */
let untouched = true
/** The first window is not whole yet: what is behind the view is drawn in steps of a few moments. */
let beginning = true

/** What is on the page since some frame. */
interface Drawn {
  edges: Edges | null
  visit: number | undefined
  generation: number | undefined
}

/** Where one looks in the rows, -1 for nowhere. */
export interface LookedAt {
  /** The message of the address: one is led there once for each `visit`. */
  target: number
  visit: number | undefined
  /** Where a window begins otherwise, -1 for its end. */
  start: number
  /** Another one is another window, even where both have some rows. */
  generation: number | undefined
}

export interface Revealed {
  shown: readonly Row[]
  /** Nothing of the window is missing above, or below. */
  above: boolean
  below: boolean
}

export function useReveal(rows: readonly Row[], at: LookedAt): Revealed {
  const { target, visit, start, generation } = at
  const [drawn, setDrawn] = useState<Drawn>({
    edges: null,
    visit: undefined,
    generation: undefined,
  })
  const fill = innerHeight
  const edges = drawn.generation === generation ? drawn.edges : null
  const leads = visit !== undefined && visit !== drawn.visit && target >= 0
  const grown = revealed(rows, edges, leads ? target : start, fill)
  const { from, to } =
    leads && !isWithin(grown, target) ? revealed(rows, null, target, fill) : grown
  const above = from === 0
  const below = to === rows.length
  const first = rows[from]?.key
  const last = rows[to - 1]?.key
  const here = leads ? visit : drawn.visit
  // A few rows at an end come by themselves; it need not be counted each time.
  const settled = above && below && here === drawn.visit && isSettled(rows, edges)
  useLayoutEffect(() => {
    if (first === undefined || last === undefined) return
    if (settled) {
      beginning = false
      return
    }
    let over = false
    const draw = () => setDrawn({ edges: { first, last }, visit: here, generation })
    const grow = () => {
      if (over) return
      if (beginning) startTransition(draw)
      else draw()
    }
    const isFirst = untouched
    untouched = false
    // What fills the view is seen before anything else is done.
    if (isFirst) void opened().then(grow)
    const cancel = isFirst ? undefined : nextFrame(grow)
    return () => {
      over = true
      cancel?.()
    }
  }, [settled, first, last, here, generation])
  return { shown: above && below ? rows : rows.slice(from, to), above, below }
}
