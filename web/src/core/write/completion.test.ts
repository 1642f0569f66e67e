import { expect, it } from 'vitest'
import { closedName, question } from './completion'

it.each([
  ['@', 'person', ''],
  ['고마워@김', 'person', '김'],
  [':sm', 'emoji', 'sm'],
  ['네 :웃', 'emoji', '웃'],
  ['네 :ㅇㅈ', 'emoji', 'ㅇㅈ'],
  ['👍:ta', 'emoji', 'ta'],
  ['(:+1', 'emoji', '+1'],
])('%s asks', (before, kind, text) => {
  const sign = kind === 'person' ? '@' : ':'
  expect(question(before)).toEqual({ kind, text, from: before.lastIndexOf(sign) })
})

it.each([
  ':',
  ':D',
  ':p',
  '12:30',
  '시간: 세 시',
  '제목:안녕',
  'https://a',
  'a:bc',
  ':3',
  'a@b.kr',
])('%s does not', (before) => expect(question(before)).toBeNull())

it('a closed name is one emoji', () => {
  expect(closedName('네 :tada:')).toEqual({ name: 'tada', from: 2 })
  expect(closedName(':+1:')).toEqual({ name: '+1', from: 0 })
  expect(closedName('12:30:')).toBeNull()
  expect(closedName('::')).toBeNull()
})
