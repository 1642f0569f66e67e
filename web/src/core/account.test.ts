import { expect, it } from 'vitest'
import { passwordProblem, usernameProblem } from './account'

it('a username has no blanks and none of the signs of mentions, paths and markup', () => {
  for (const good of ['kim', '김철수', 'a.b-c_d']) expect(usernameProblem(good)).toBeNull()
  expect(usernameProblem('a b')).toBe('blank')
  for (const bad of ['@kim', 'a/b', '<b>', "o'neil"]) expect(usernameProblem(bad)).toBe('sign')
})

it('a password is measured in bytes of NFC and is not the name', () => {
  expect(passwordProblem('1234567', 'kim')).toBe('short')
  expect(passwordProblem('가나', 'kim')).toBe('short')
  expect(passwordProblem('가나다', 'kim')).toBeNull()
  // Two syllables typed on a Mac are nine bytes each before they are put together.
  expect(passwordProblem('각난'.normalize('NFD'), 'kim')).toBe('short')
  expect(passwordProblem('a'.repeat(257), 'kim')).toBe('long')
  expect(passwordProblem('KimMinsu1', 'kimminsu1')).toBe('name')
})
