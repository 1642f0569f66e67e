import { expect, it } from 'vitest'
import { holding, movedTo, sectionsOf, withSection } from './sections'

const two = [
  { id: 'a', name: '일', rooms: [1, 2] },
  { id: 'b', name: '쉼', rooms: [3] },
]

it('a room stands in one section', () => {
  const moved = movedTo(two, 2, 'b')
  expect(moved.map(({ rooms }) => rooms)).toEqual([[1], [3, 2]])
  expect(holding(moved, 2)).toBe('b')
  expect(holding(movedTo(moved, 2, null), 2)).toBeUndefined()
  expect(withSection(two, { id: 'c', name: '새', rooms: [1] })).toEqual([
    { id: 'c', name: '새', rooms: [1] },
    { id: 'b', name: '쉼', rooms: [3] },
    { id: 'a', name: '일', rooms: [2] },
  ])
})

it('what is kept is taken as far as it makes sense', () => {
  expect(sectionsOf(two)).toEqual(two)
  expect(sectionsOf(undefined)).toEqual([])
  expect(sectionsOf([null, 1, { id: 'a' }, { id: 'b', name: 'n', rooms: ['x', 1, 1.5] }])).toEqual([
    { id: 'b', name: 'n', rooms: [1] },
  ])
  const twice = [two[0], { id: 'b', name: '쉼', rooms: [2, 3] }]
  expect(sectionsOf(twice).map(({ rooms }) => rooms)).toEqual([[1, 2], [3]])
})
