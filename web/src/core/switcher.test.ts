import { expect, it } from 'vitest'
import { candidates, weightOf, type Candidate } from './switcher'

const room = (name: string, weight = 1): Candidate => ({
  key: name,
  kind: 'room',
  names: [name],
  weight,
})
const all: Candidate[] = [
  room('서버 이야기'),
  room('개발', 2),
  room('general', 3),
  { key: 'kim', kind: 'person', names: ['김민수', 'minsu'], weight: 0 },
  { key: 'dark', kind: 'command', names: ['어둡게', 'dark theme'], weight: 0 },
  { key: 'settings', kind: 'place', names: ['설정', 'settings'], weight: 0 },
]
const found = (query: string) => candidates(query, all, 9).map(({ key }) => key)

it('finds by initial consonants, half a syllable and the other keyboard', () => {
  expect(found('ㅅㅂ')).toEqual(['서버 이야기'])
  expect(found('섭')).toEqual(['서버 이야기'])
  expect(found('roqkf')).toEqual(['개발'])
  expect(found('ㅎ두')).toEqual(['general'])
  expect(found('ㄱㅁ')[0]).toBe('kim')
})

it('finds commands and places, also by their names in the other language', () => {
  expect(found('dark')).toEqual(['dark'])
  expect(found('설')).toEqual(['settings'])
})

it('without a query: rooms only, what waits and what is recent first', () => {
  expect(found('')).toEqual(['general', '개발', '서버 이야기'])
  const at = (unread: number, mentions: number, place: number) =>
    weightOf({ id: 1, unread, mentions }, 9, place)
  expect(at(0, 0, 0)).toBeGreaterThan(at(0, 0, 1))
  expect(at(3, 0, 5)).toBeGreaterThan(at(0, 0, 0))
  expect(at(1, 1, 9)).toBeGreaterThan(at(99, 0, 0))
  expect(weightOf({ id: 9, unread: 5, mentions: 5 }, 9, 0)).toBeLessThan(at(0, 0, 99))
})

it('where there are few rooms, what one begins with is offered, too', () => {
  const create = { ...room('create', 0.2), kind: 'command' as const, first: true }
  const keys = (of: Candidate[]) => candidates('', of, 9).map(({ key }) => key)
  expect(keys([create, { ...create, key: 'rare', first: false }, room('마루')])).toEqual([
    '마루',
    'create',
  ])
  const many = ['가', '나', '다', '라', '마'].map((name) => room(name))
  expect(keys([create, ...many])).toHaveLength(5)
})

it('what begins with the query comes before what contains it', () => {
  const rooms = [room('큰 개발'), room('개발')]
  expect(candidates('개발', rooms, 9).map(({ key }) => key)).toEqual(['개발', '큰 개발'])
})
