import { describe, expect, it } from 'vitest'
import { fit, isLong, marked } from './text'

it('folds what is higher than a screen', () => {
  expect(isLong('가'.repeat(1_000))).toBe(false)
  expect(isLong('가'.repeat(1_200))).toBe(true)
  expect(isLong('a'.repeat(2_000))).toBe(false)
  expect(isLong('a'.repeat(2_300))).toBe(true)
  expect(isLong('\n'.repeat(80))).toBe(true)
  expect(isLong('한 줄\n'.repeat(20))).toBe(false)
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
