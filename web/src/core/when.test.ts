import { expect, it } from 'vitest'
import { localInput, presets } from './when'

const names = (now: Date) => presets(now).map(({ name }) => name)

it('offers what lies ahead', () => {
  // A Wednesday.
  expect(names(new Date(2026, 10, 25, 10, 2))).toEqual([
    'in_an_hour',
    'this_evening',
    'tomorrow',
    'monday',
  ])
  expect(names(new Date(2026, 10, 25, 19))).toEqual(['in_an_hour', 'tomorrow', 'monday'])
  // On Sunday, Monday is tomorrow; on Monday it is a week away.
  expect(names(new Date(2026, 10, 29, 19))).toEqual(['in_an_hour', 'tomorrow'])
  const monday = presets(new Date(2026, 10, 30, 10)).at(-1)
  expect([monday?.name, monday?.when.getDate(), monday?.when.getDay()]).toEqual(['monday', 7, 1])
})

it('an hour from now is a round time, as a field has it', () => {
  const now = new Date(2026, 10, 25, 10, 2, 30)
  expect(localInput(undefined, now)).toBe('2026-11-25T11:05')
  expect(localInput(new Date(2026, 0, 2, 3, 4), now)).toBe('2026-01-02T03:04')
})
