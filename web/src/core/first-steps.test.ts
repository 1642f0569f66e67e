import { expect, it } from 'vitest'
import { areDone, firstSteps } from './first-steps'
import { me, message, other, room } from './fixtures'
import { empty, type State } from './model'

const admin = { ...me, role: 'admin' as const }
const alone: State = { ...empty, loaded: true, me: admin, settings: {}, users: { 1: admin } }

it('an empty workspace leads its administrator, and nobody else', () => {
  expect(firstSteps(alone)).toEqual({ room: false, people: false, message: false })
  expect(firstSteps({ ...alone, me })).toBeNull()
  expect(firstSteps({ ...alone, settings: { begun: true } })).toBeNull()
  expect(firstSteps({ ...alone, settings: null })).toBeNull()
})

it('each step finishes by what was done', () => {
  const mine = message(5, { author: admin })
  const rooms = { 10: room({ member_count: 1, last_message: mine }) }
  expect(firstSteps({ ...alone, rooms })).toEqual({ room: true, people: false, message: true })
  const steps = firstSteps({ ...alone, rooms, users: { 1: admin, 2: other } })
  expect(steps && areDone(steps)).toBe(true)
})
