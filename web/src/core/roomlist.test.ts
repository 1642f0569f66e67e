import { expect, it } from 'vitest'
import type { Room } from '../api/types'
import { held, ordered, rowOf, type RoomRow } from './roomlist'

const row = (id: number, title: string, last = id): RoomRow => ({
  id,
  kind: 'public',
  title,
  unread: 0,
  mentions: 0,
  other: undefined,
  muted: false,
  people: 2,
  last,
})
const ids = (rows: RoomRow[]) => rows.map(({ id }) => id)

it('by name nothing moves when somebody speaks; by the last word the newest is first', () => {
  const rows = [row(1, '나무', 9), row(2, '가구'), row(3, '방 10'), row(4, '방 9')]
  expect(ids(ordered(rows, 'name'))).toEqual([2, 1, 4, 3])
  expect(ids(ordered(rows, 'recent'))).toEqual([1, 4, 3, 2])
})

it('while it is held, the order stays; the new one comes last', () => {
  const rows = [row(3, 'c'), row(2, 'b'), row(1, 'a')]
  expect(ids(held(rows, [1, 2]))).toEqual([1, 2, 3])
  expect(ids(held(rows, [4, 2, 3, 1]))).toEqual([2, 3, 1])
})

it('the same room gives the same row; a conversation of two has the other’s tile', () => {
  const user = (id: number) => ({ id, username: `u${id}`, display_name: `이름 ${id}` })
  const room = {
    id: 5,
    name: '',
    topic: '',
    kind: 'direct',
    member_count: 2,
    created_at: '',
    members: [user(1), user(2)],
    me: { role: 'member', last_read_id: 0, unread: 3, mentions: 1 },
  } as unknown as Room
  expect(rowOf(room, 1)).toBe(rowOf(room, 1))
  expect(rowOf(room, 1)).toMatchObject({ title: '이름 2', other: 2, unread: 3, mentions: 1 })
})
