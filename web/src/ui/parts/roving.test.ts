import { expect, it } from 'vitest'
import { moved } from './moved'
import { typedTo } from './roving'

it('arrows go round, Home and End to the ends, others nowhere', () => {
  expect(moved('ArrowDown', 2, 3)).toBe(0)
  expect(moved('ArrowUp', 0, 3)).toBe(2)
  expect(moved('ArrowUp', -1, 3)).toBe(2)
  expect(moved('Home', 2, 3)).toBe(0)
  expect(moved('End', 0, 3)).toBe(2)
  expect(moved('ArrowRight', 0, 3)).toBeNull()
  expect(moved('ArrowRight', 0, 3, 'horizontal')).toBe(1)
  expect(moved('ArrowDown', 0, 0)).toBeNull()
})

it('a letter finds the next label, several find one', () => {
  const labels = ['Copy link', 'Edit', 'Copy text', 'Delete']
  const typed = { current: '' }
  expect(typedTo(typed, 'c', labels, 0)).toBe(2)
  expect(typedTo(typed, 'c', labels, 2)).toBe(0)
  expect(typedTo({ current: 'd' }, 'e', labels, 0)).toBe(3)
  expect(typedTo({ current: '' }, 'x', labels, 0)).toBeNull()
})

it('Korean labels are found by their first consonant', () => {
  expect(typedTo({ current: '' }, 'ㄱ', ['나가기', '고치기'], 0)).toBe(1)
})
