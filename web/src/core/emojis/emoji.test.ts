import { describe, expect, it } from 'vitest'
import { emojiKey, emojiSpans, isEmoji, onlyEmoji, withoutTone } from './emoji'

describe('an emoji is a pictograph, a keycap or a flag', () => {
  it.each([
    '👍',
    '👍🏽',
    '❤️',
    '❤',
    '⏰',
    '⌚',
    '✅',
    '☕',
    '🇰🇷',
    '3️⃣',
    '#⃣',
    '👨‍👩‍👧‍👦',
    '🏴󠁧󠁢󠁥󠁮󠁧󠁿',
    '🏳️‍🌈',
    '©️',
    '😶‍🌫️',
  ])('%s', (emoji) => expect(isEmoji(emoji)).toBe(true))
  it.each(['€', '１', '，', 'a', '3', '가', '👍👍', '', '🇰', ':maru:', '\u200d'])(
    'not %s',
    (text) => expect(isEmoji(text)).toBe(false),
  )
})

it('two spellings have one key', () => {
  expect(emojiKey('👍\uFE0F')).toBe(emojiKey('👍'))
  expect(emojiKey('❤️')).toBe(emojiKey('❤'))
  expect(emojiKey('👍🏽')).not.toBe(emojiKey('👍'))
  expect(withoutTone('👍🏽')).toBe('👍')
})

it('finds emoji among words, and leaves signs that are letters here', () => {
  const text = '네👍🏽 3️⃣ ©2026 ↔ ❤ ❤️ 🇰🇷🇯🇵 ㅋ'
  expect(emojiSpans(text).map(({ start, end }) => text.slice(start, end))).toEqual([
    '👍🏽',
    '3️⃣',
    '❤️',
    '🇰🇷',
    '🇯🇵',
  ])
})

it('knows a text that is nothing else', () => {
  expect(onlyEmoji('👍')).toBe(1)
  expect(onlyEmoji(' 👨‍👩‍👧‍👦 🎉\n')).toBe(2)
  expect(onlyEmoji('👍!')).toBe(0)
  expect(onlyEmoji('12')).toBe(0)
  expect(onlyEmoji('')).toBe(0)
  expect(onlyEmoji('👍'.repeat(13))).toBe(0)
})
