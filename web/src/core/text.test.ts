import { describe, expect, it } from 'vitest'
import { fit, marked, pieces } from './text'

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

it('marks what the message says, whatever people are called now', () => {
  const text = '😀@이영희님 https://x.kr/@kim @kim'
  const ranges = [
    { start: 2, end: 6, user_id: 7 },
    // A namesake, one inside a link, one that does not fit.
    { start: 2, end: 6, user_id: 8 },
    { start: 21, end: 25, user_id: 9 },
    { start: 26, end: 99, user_id: 9 },
  ]
  const found = pieces(text, ['kim'], ranges)
  expect(found.filter((p) => p.mention)).toEqual([{ text: '@이영희', mention: true, user: 7 }])
  expect(found.map((p) => p.text).join('')).toBe(text)
})

describe('the limit', () => {
  const limits = { message_characters: 1_000, message_bytes: 10_000 }
  const family = '👨‍👩‍👧‍👦'

  it('counts graphemes, and shows them only near the end', () => {
    expect(fit('가'.repeat(500), limits)).toEqual({ fits: true, left: null })
    expect(fit('가'.repeat(990), limits)).toEqual({ fits: true, left: 10 })
    expect(fit(family.repeat(100), limits)).toEqual({ fits: true, left: null })
    expect(fit('가'.repeat(1_000), limits)).toEqual({ fits: true, left: 0 })
    expect(fit('가'.repeat(1_003), limits)).toEqual({ fits: false, over: 3 })
  })

  it('counts what is sent: without blanks around it, composed', () => {
    const nfd = '가'.repeat(1_000).normalize('NFD')
    expect(fit(`  ${nfd}\n`, limits)).toEqual({ fits: true, left: 0 })
  })

  it('knows texts that are heavy though short', () => {
    expect(fit(family.repeat(401), limits)).toEqual({ fits: false, over: null })
    expect(fit(`a${'\u0301'.repeat(6_000)}`, limits)).toEqual({ fits: false, over: null })
  })

  it('is not known before the server was asked', () => {
    expect(fit('가'.repeat(99_999), null)).toEqual({ fits: true, left: null })
  })
})
