/** The rooms of the list as they are shown: small values that stay the same while nothing shown changes. */
import type { Room, RoomKind } from '../api/types'
import { lastId, roomTitle } from './model'

export interface RoomRow {
  id: number
  kind: RoomKind
  title: string
  unread: number
  mentions: number
  /** Whose tile stands for a conversation of two. */
  other: number | undefined
  /** How many are in it, where that is part of what it is. */
  people: number
  /** Nothing of it is told, and it does not stand out. */
  muted: boolean
  /** Grows with what is said. */
  last: number
}

export type Order = 'name' | 'recent'

const rows = new WeakMap<Room, RoomRow>()

/** The same room gives the same row: what is drawn from it need not be drawn again. */
export function rowOf(room: Room, me: number | undefined): RoomRow {
  const known = rows.get(room)
  if (known) return known
  const others = room.kind === 'direct' ? (room.members ?? []).filter(({ id }) => id !== me) : []
  const row: RoomRow = {
    id: room.id,
    kind: room.kind,
    title: roomTitle(room, me),
    unread: room.me?.unread ?? 0,
    mentions: room.me?.mentions ?? 0,
    other: others.length === 1 ? others[0]?.id : undefined,
    people: room.member_count,
    muted: room.me?.notifications === 'none',
    last: lastId(room),
  }
  rows.set(room, row)
  return row
}

const byName = new Intl.Collator(['ko', 'en'], { numeric: true })

/** By name nothing moves while people talk; by what was said last the newest is on top. */
export function ordered(list: readonly RoomRow[], order: Order): RoomRow[] {
  return [...list].sort((a, b) =>
    order === 'name'
      ? byName.compare(a.title, b.title) || a.id - b.id
      : b.last - a.last || b.id - a.id,
  )
}

/** The rows in the order that was shown before; who is new comes to the end, who is gone is left out. */
export function held(list: readonly RoomRow[], shown: readonly number[]): RoomRow[] {
  const place = new Map(shown.map((id, at) => [id, at]))
  return [...list].sort(
    (a, b) => (place.get(a.id) ?? shown.length) - (place.get(b.id) ?? shown.length),
  )
}
