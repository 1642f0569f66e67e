import { expect, it } from 'vitest'
import { josa, type Particle } from './particles'

it.each<[string, Particle, string]>([
  ['서버', '이/가', '서버가'],
  ['마당', '이/가', '마당이'],
  ['사랑방', '을/를', '사랑방을'],
  ['수다', '은/는', '수다는'],
  ['김철수', '와/과', '김철수와'],
  ['박민', '와/과', '박민과'],
  ['서울', '으로/로', '서울로'],
  ['안방', '으로/로', '안방으로'],
  ['room 3', '을/를', 'room 3을'],
  ['room 2', '을/를', 'room 2를'],
  ['HTML', '이/가', 'HTML이'],
  ['‘마당’', '을/를', '‘마당’을'],
  ['마당'.normalize('NFD'), '이/가', '마당'.normalize('NFD') + '이'],
])('%s %s', (word, particle, whole) => {
  expect(josa(word, particle)).toBe(whole)
})
