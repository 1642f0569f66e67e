import { expect, it } from 'vitest'
import { present, readersOf, seenBy } from './others'

it('who comes, goes away from the screen, and goes', () => {
  const some = present({}, { online: [1, 2, 3], away: [3], offline: [], whole: true })
  expect(some).toEqual({ 1: 'here', 2: 'here', 3: 'away' })
  const next = present(some, { online: [3], away: [1], offline: [2] })
  expect(next).toEqual({ 1: 'away', 3: 'here' })
  expect(present(next, { online: [9], away: [], offline: [], whole: true })).toEqual({ 9: 'here' })
})

it('reading goes on only, and is told of others', () => {
  const state = { seen: { 7: { 1: 50, 2: 40 } } }
  const reads = [
    { user_id: 2, message_id: 30 },
    { user_id: 3, message_id: 60 },
  ]
  const seen = seenBy(state, { room: 7, reads })
  expect(seen).toEqual({ 1: 50, 2: 40, 3: 60 })
  expect(readersOf(seen, 45, [1])).toEqual([3])
  expect(readersOf(undefined, 45, [])).toEqual([])
})
