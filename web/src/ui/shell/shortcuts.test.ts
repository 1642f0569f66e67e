import { expect, it } from 'vitest'
import { actOf, keysOf, neighbour, shortcuts, type Pressed } from './shortcuts'

const key = (code: string, more: Partial<Pressed> = {}): Pressed => ({
  code,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...more,
})

it('a key asks for one thing, whatever language the keyboard is in', () => {
  expect(actOf(key('KeyK', { ctrlKey: true }), true)).toBe('switcher')
  expect(actOf(key('KeyK', { metaKey: true }), false)).toBe('switcher')
  expect(actOf(key('KeyK', { ctrlKey: true, shiftKey: true }), false)).toBeNull()
  expect(actOf(key('KeyK'), false)).toBeNull()
  expect(actOf(key('ArrowUp', { altKey: true }), true)).toBe('previous-room')
  expect(actOf(key('ArrowUp', { altKey: true, shiftKey: true }), true)).toBe('previous-unread')
})

it('a question mark is a question mark while one writes', () => {
  expect(actOf(key('Slash', { shiftKey: true }), true)).toBeNull()
  expect(actOf(key('Slash', { shiftKey: true }), false)).toBe('keys')
})

it('no two shortcuts share a key', () => {
  const all = shortcuts.map((one) => keysOf(one, false).join(' '))
  expect(new Set(all).size).toBe(all.length)
  expect(keysOf({ act: 'search', code: 'KeyF', ctrl: true, shift: true }, true)).toEqual([
    '⌘',
    '⇧',
    'F',
  ])
})

it('Alt and an arrow go on through the list and round, with Shift to what is unread', () => {
  const rooms = [1, 2, 3, 4].map((id) => ({ id, unread: id === 4 ? 2 : 0 }))
  expect(neighbour(rooms, 1, 1, false)).toBe(2)
  expect(neighbour(rooms, 1, -1, false)).toBe(4)
  expect(neighbour(rooms, 4, 1, false)).toBe(1)
  expect(neighbour(rooms, 1, 1, true)).toBe(4)
  expect(neighbour(rooms, 4, 1, true)).toBeNull()
  expect(neighbour(rooms, undefined, 1, false)).toBe(1)
  expect(neighbour(rooms, undefined, -1, false)).toBe(4)
  expect(neighbour([], 1, 1, false)).toBeNull()
})
