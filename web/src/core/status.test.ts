import { expect, it } from 'vitest'
import { untilOf } from './status'

it('ends when it is said to', () => {
  // A Thursday.
  const now = new Date(2026, 10, 26, 15, 30)
  expect(untilOf('never', now)).toBeUndefined()
  expect(untilOf('half_hour', now)).toEqual(new Date(2026, 10, 26, 16, 0))
  expect(untilOf('today', now)).toEqual(new Date(2026, 10, 27))
  expect(untilOf('week', now)).toEqual(new Date(2026, 10, 30))
  expect(untilOf('week', new Date(2026, 10, 29, 9))).toEqual(new Date(2026, 10, 30))
})
