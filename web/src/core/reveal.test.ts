import { expect, it } from 'vitest'
import { message } from './fixtures'
import { isSettled, revealed, STEP, type Edges } from './reveal'
import type { Row } from './rows'

const rows = (count: number, from = 0): Row[] =>
  Array.from({ length: count }, (_, n) => ({
    kind: 'message',
    key: `${from + n}`,
    message: message(from + n),
    follows: true,
    pending: undefined,
  }))
/** Thirty of these rows. */
const VIEW_PX = 800
const edges = (first: number, last: number): Edges => ({ first: `${first}`, last: `${last}` })

it('begins with what fills the view: the end, or around what is looked at', () => {
  expect(revealed(rows(400), null, -1, VIEW_PX)).toEqual({ from: 370, to: 400 })
  expect(revealed(rows(400), null, 200, VIEW_PX)).toEqual({ from: 192, to: 230 })
  // Near the end there is nothing below to fill the view with.
  expect(revealed(rows(400), null, 395, VIEW_PX)).toEqual({ from: 370, to: 400 })
  expect(revealed(rows(5), null, -1, VIEW_PX)).toEqual({ from: 0, to: 5 })
  expect(revealed([], null, -1, VIEW_PX)).toEqual({ from: 0, to: 0 })
})

it('grows by a few at both ends until everything is there', () => {
  const all = rows(100)
  let before = edges(50, 60)
  let slice = revealed(all, before, -1, VIEW_PX)
  expect(slice).toEqual({ from: 50 - STEP, to: 61 + STEP })
  for (let turns = 0; slice.from > 0 || slice.to < 100; turns++) {
    expect(turns).toBeLessThan(10)
    before = edges(slice.from, slice.to - 1)
    slice = revealed(all, before, -1, VIEW_PX)
  }
})

it('keeps its place when an older page comes and newer rows are let go', () => {
  // 100 came in front, 100 were let go at the end.
  expect(revealed(rows(400, -100), edges(0, 399), -1, VIEW_PX)).toEqual({
    from: 100 - STEP,
    to: 400,
  })
  // The same the other way round.
  expect(revealed(rows(400, 100), edges(0, 399), -1, VIEW_PX)).toEqual({ from: 0, to: 300 + STEP })
})

it('draws what is new at once, and begins anew where nothing is left of before', () => {
  expect(revealed(rows(11), edges(0, 9), -1, VIEW_PX)).toEqual({ from: 0, to: 11 })
  expect(revealed(rows(400, 1_000), edges(0, 399), 10, VIEW_PX)).toEqual({ from: 2, to: 40 })
})

it('a view of high rows takes fewer of them', () => {
  const high = rows(100).map((row) => ({ ...row, follows: false }))
  expect(revealed(high, null, -1, VIEW_PX)).toEqual({ from: 84, to: 100 })
})

it('is settled while little came since, and whatever was let go at the beginning', () => {
  expect(isSettled(rows(100), edges(0, 99))).toBe(true)
  expect(isSettled(rows(105), edges(0, 99))).toBe(true)
  expect(isSettled(rows(110), edges(0, 99))).toBe(false)
  expect(isSettled(rows(100, 5), edges(0, 99))).toBe(true)
  expect(isSettled(rows(150, -50), edges(0, 99))).toBe(false)
  expect(isSettled(rows(3), null)).toBe(false)
  expect(isSettled([], null)).toBe(true)
})
