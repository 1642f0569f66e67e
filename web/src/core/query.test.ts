import { expect, it } from 'vitest'
import {
  filterOf,
  format,
  looser,
  midnight,
  parse,
  typing,
  withFilter,
  withoutTyping,
} from './query'

it('reads words and filters, in either language, and writes the same line again', () => {
  const line = parse('배포 from:minsu in:"큰 방" 기록 after:2026-01-02')
  expect(line.words).toBe('배포 기록')
  expect(line.filters).toEqual([
    { key: 'from', value: 'minsu' },
    { key: 'in', value: '큰 방' },
    { key: 'after', value: '2026-01-02' },
  ])
  expect(format(line)).toBe('배포 기록 from:minsu in:"큰 방" after:2026-01-02')
  expect(parse('사람:김철수 방:개발 회의')).toEqual({
    words: '회의',
    filters: [
      { key: 'from', value: '김철수' },
      { key: 'in', value: '개발' },
    ],
  })
})

it('what is no filter stays a word', () => {
  for (const text of [
    'https://a.example',
    '12:30',
    'after:tomorrow',
    'has:money',
    'from:',
    'a from',
  ])
    expect(parse(text)).toEqual({ words: text, filters: [] })
})

it('the last of a kind counts; a filter can be set, changed and taken away', () => {
  const line = parse('a from:x from:y')
  expect(line.filters).toEqual([{ key: 'from', value: 'y' }])
  expect(filterOf(withFilter(line, 'from', 'z'), 'from')).toBe('z')
  expect(withFilter(line, 'from', '').filters).toEqual([])
})

it('a filter that is being typed is seen at the end of the text only', () => {
  expect(typing('회의 from:김')).toEqual({ key: 'from', value: '김' })
  expect(typing('방:')).toEqual({ key: 'in', value: '' })
  expect(typing('from:kim 회의')).toBeNull()
  expect(withoutTyping('회의 from:김')).toBe('회의')
})

it('nothing found: without quotes and exclusions, then without the last word', () => {
  expect(looser(parse('"긴 말" -아님')).map(({ words }) => words)).toEqual(['긴 말', '긴'])
  expect(looser(parse('하나'))).toEqual([])
})

it('a day begins at the local midnight', () => {
  expect(midnight('2026-01-31', 1)).toBe(new Date(2026, 1, 1).toISOString())
  expect(midnight('x', 0)).toBeUndefined()
})
