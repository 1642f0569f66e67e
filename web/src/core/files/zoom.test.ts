import { expect, it } from 'vitest'
import { fitted, panned, zoomed } from './zoom'

const size = { width: 1000, height: 800 }

it('the place under the pointer stays', () => {
  const view = zoomed(fitted, 2, { x: 100, y: -50 }, size)
  expect(view).toEqual({ scale: 2, x: -100, y: 50 })
  expect(zoomed(view, 0.5, { x: 100, y: -50 }, size)).toEqual(fitted)
})

it('has an end, and does not leave the window', () => {
  expect(zoomed(fitted, 100, { x: 0, y: 0 }, size).scale).toBe(8)
  expect(zoomed(fitted, 0.1, { x: 0, y: 0 }, size)).toEqual(fitted)
  expect(panned(fitted, 90, 90, size)).toEqual(fitted)
  expect(panned({ scale: 2, x: 0, y: 0 }, 9_000, -9_000, size)).toEqual({
    scale: 2,
    x: 500,
    y: -400,
  })
})
