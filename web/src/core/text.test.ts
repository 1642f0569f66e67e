import { describe, expect, it } from 'vitest'
import { initial, left, marked, MESSAGE_LIMIT, pieces } from './text'

describe('links', () => {
  const links = (text: string) => pieces(text, []).flatMap((p) => (p.href ? [p.href] : []))

  it('keeps addresses and leaves the sentence outside', () => {
    expect(links('보세요 https://example.org/a?b=c#d.')).toEqual(['https://example.org/a?b=c#d'])
    expect(links('(https://example.org/a_(b))')).toEqual(['https://example.org/a_(b)'])
    expect(links('https://example.org에서 봤어')).toEqual(['https://example.org'])
    expect(links('https://example.org/가나다')).toEqual(['https://example.org/가나다'])
  })

  it('never makes a link of another scheme', () => {
    expect(links('javascript:alert(1) data:text/html,x ftp://a.b //c.d')).toEqual([])
  })

  it('loses nothing of the text', () => {
    const text = 'a https://b.c, @kim와 https:// 끝\nx'
    expect(
      pieces(text, ['kim'])
        .map((p) => p.text)
        .join(''),
    ).toBe(text)
  })
})

it('marks the longest name, with a particle behind it', () => {
  const found = pieces('@김철수님 @김철 @철수가', ['김철', '김철수']).filter((p) => p.mention)
  expect(found.map((p) => p.text)).toEqual(['@김철수', '@김철'])
})

describe('highlights', () => {
  it('cuts at UTF-16 positions', () => {
    expect(marked('😀서버가', [[2, 4]])).toEqual([
      { text: '😀', marked: false },
      { text: '서버', marked: true },
      { text: '가', marked: false },
    ])
  })

  it('ignores ranges that do not fit', () => {
    const text = '서버'
    const ranges = [
      [0, 1],
      [0, 2],
      [1, 9],
      [2, 1],
    ] as const
    expect(
      marked(text, ranges)
        .map((p) => p.text)
        .join(''),
    ).toBe(text)
  })
})

describe('the limit', () => {
  it('counts graphemes, and only near the end', () => {
    expect(left('가'.repeat(3_600))).toBeNull()
    expect(left('가'.repeat(3_990))).toBe(10)
    expect(left('👨‍👩‍👧‍👦'.repeat(MESSAGE_LIMIT + 1))).toBe(-1)
    expect(left('👨‍👩‍👧‍👦'.repeat(1_000))).toBeNull()
  })
})

it('takes a whole character as the initial', () => {
  expect(initial('👨‍👩‍👧 가족')).toBe('👨‍👩‍👧')
  expect(initial('kim')).toBe('K')
  expect(initial(' ')).toBe('·')
})
