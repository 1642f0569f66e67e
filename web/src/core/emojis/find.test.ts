import { describe, expect, it } from 'vitest'
import { emojiRows } from '../../build/emoji'
import { isEmoji } from './emoji'
import { Emojis } from './find'
import { withTone } from './emoji'

const emojis = new Emojis(emojiRows())
const found = (query: string, limit = 8) => emojis.find(query, limit).map(({ emoji }) => emoji)

it('every emoji is one, in one spelling, and nearly all have a Korean name', () => {
  expect(emojis.all.length).toBeGreaterThan(1_900)
  expect(emojis.all.filter(({ emoji }) => !isEmoji(emoji))).toEqual([])
  expect(emojis.all.filter(({ emoji }) => /\p{Emoji_Presentation}\uFE0F/u.test(emoji))).toEqual([])
  expect(emojis.all.filter(({ ko }) => !/[가-힣]/.test(ko)).length).toBeLessThan(30)
})

describe('found by what people call it', () => {
  it.each([
    ['thumbsup', '👍'],
    ['+1', '👍'],
    [':tada:', '🎉'],
    ['엄지', '👍'],
    ['따봉', '👍'],
    ['ㅇㅈ', '👍'],
    ['축하', '🎉'],
    ['축', '🎉'],
    ['축ㅎ', '🎉'],
    ['하트', '❤️'],
    ['gkxm', '❤️'],
    ['커피', '☕'],
    ['heart', '❤️'],
    ['rocket', '🚀'],
    ['로켓', '🚀'],
    ['대한민국', '🇰🇷'],
    ['kr', '🇰🇷'],
    ['👍🏽', '👍'],
  ])('%s', (query, emoji) => {
    expect(found(query, 40)).toContain(emoji)
  })

  it('the name itself comes first', () => {
    expect(found('rocket')[0]).toBe('🚀')
    expect(found('커피').slice(0, 3)).toContain('☕')
    expect(found('smile')[0]).toBe('😄')
    expect(found('')).toEqual([])
    expect(found('없는이름이다')).toEqual([])
  })

  it('what was used lately comes before what answers as well', () => {
    const [, second] = found('하트', 2)
    expect(emojis.find('하트', 3, [second ?? '']).map(({ emoji }) => emoji)).toContain(second)
    expect(emojis.named('joy')?.emoji).toBe('😂')
  })

  it('is quick enough for each key', () => {
    const begun = performance.now()
    for (const q of ['ㅅ', '사', '살', '사라', '사랑', 's', 'sm', 'smi']) emojis.find(q, 50)
    expect(performance.now() - begun).toBeLessThan(800)
  })
})

it('a tone is put where people are', () => {
  expect(withTone('👍', 3)).toBe('👍🏽')
  expect(withTone('🕵️‍♂️', 5)).toBe('🕵🏿‍♂️')
  expect(withTone('👩‍❤️‍👨', 1)).toBe('👩🏻‍❤️‍👨🏻')
  expect(withTone('👍', 0)).toBe('👍')
  const odd = emojis.all.filter(({ toned, emoji }) => toned && !isEmoji(withTone(emoji, 4)))
  expect(odd).toEqual([])
})
