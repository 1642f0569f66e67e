import { expect, it } from 'vitest'
import { callIn } from './calls'

it.each([
  ['@room 보세요', 'room'],
  ['@Room', 'room'],
  ['@여기 계신 분', 'here'],
  ['@모두에게', 'room'],
  ['고마워요@here', 'here'],
  ['@here @all', 'room'],
  ['@roommate', null],
  ['kim@room.kr', null],
  ['room', null],
])('%s', (text, call) => {
  expect(callIn(text)).toBe(call)
})
