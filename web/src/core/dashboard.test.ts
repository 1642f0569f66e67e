import { expect, it } from 'vitest'
import { bars, ceiling, heat, lastDays, trend } from './dashboard'

it('the last days end today, by the calendar of the figures', () => {
  // 16:00 in UTC is tomorrow in Korea.
  expect(lastDays(7, new Date('2026-11-28T16:00:00Z'))).toEqual({
    from: '2026-11-23',
    to: '2026-11-29',
  })
})

it('many days become few bars, and nothing is lost', () => {
  const days = Array.from({ length: 10 }, (_, n) => ({ date: `day ${n}` }))
  const values = days.map((_, n) => n)
  expect(bars(days, values, 4, 'sum')).toEqual([
    { date: 'day 0', until: 'day 2', value: 3 },
    { date: 'day 3', until: 'day 5', value: 12 },
    { date: 'day 6', until: 'day 8', value: 21 },
    { date: 'day 9', until: 'day 9', value: 9 },
  ])
  expect(bars(days, values, 4, 'most').map(({ value }) => value)).toEqual([2, 5, 8, 9])
  expect(bars(days, values, 30, 'sum')).toHaveLength(10)
})

it('axes end with round numbers', () => {
  expect([0, 3, 7, 41, 180, 1_000, 1_001].map(ceiling)).toEqual([4, 4, 10, 50, 200, 1_000, 2_000])
})

it('trends and shades', () => {
  expect([trend(15, 10), trend(5, 10), trend(5, 0)]).toEqual([50, -50, null])
  expect([heat(0, 100), heat(1, 100), heat(25, 100), heat(100, 100)]).toEqual([0, 1, 3, 5])
})
