import { expect, it } from 'vitest'
import { parse } from './blocks'
import { mentionsIn } from './mentions'
import { preview } from './preview'
import { leaves } from './tree'

const named = (text: string, names: string[], ranges?: Parameters<typeof mentionsIn>[2]) =>
  leaves(parse(text, mentionsIn(text, names, ranges)).blocks)
    .filter((leaf) => leaf.type === 'mention')
    .map((leaf) => ({ text: text.slice(leaf.start, leaf.end), user: leaf.user }))

it('marks the longest name, with a particle behind it', () => {
  expect(named('@김철수님 @김철 @철수가', ['김철', '김철수'])).toEqual([
    { text: '@김철수', user: undefined },
    { text: '@김철', user: undefined },
  ])
})

it('marks what the message says, whatever people are called now', () => {
  const text = '😀@이영희님 https://x.kr/@kim @kim'
  const ranges = [
    { start: 2, end: 6, user_id: 7 },
    // A namesake, one inside a link, one that does not fit.
    { start: 2, end: 6, user_id: 8 },
    { start: 21, end: 25, user_id: 9 },
    { start: 26, end: 99, user_id: 9 },
  ]
  expect(named(text, ['kim'], ranges)).toEqual([{ text: '@이영희', user: 7 }])
})

it('a preview is one line of words, and tells no secret', () => {
  expect(preview('# 제목\n\n**굵게** ~~취소~~ `코드`')).toBe('제목 굵게 취소 코드')
  expect(preview('> 앞\n- 하나\n- 둘')).toBe('앞 하나 둘')
  expect(preview('답은 ||**마루**|| 입니다')).toBe('답은 ▒▒ 입니다')
  expect(preview('|가|나|\n|-|-|\n|1|2|')).toBe('가 나 1 2')
  expect(preview('https://аррӏе.com')).toBe('https://xn--80ak6aa92e.com')
})
