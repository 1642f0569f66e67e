/** Rooms and people in the state: what events and answers tell of them, merged. */
import type { Message, Room, User } from '../api/types'
import { lastId, type LineKey, type State } from './model'
import { leftUnread } from './place'

/** A room as events tell of it: without the caller's own side, which is kept. */
export function withRoom(state: State, room: Room): State {
  const old = state.rooms[room.id]
  const next: Room = { ...room }
  if (old && lastId(old) > lastId(room)) next.last_message = old.last_message ?? null
  if (old?.me && !room.me) next.me = old.me
  if (old?.members && !room.members) next.members = old.members
  return { ...withPeople(state, [next]), rooms: { ...state.rooms, [room.id]: next } }
}

/** The caller is in the room; their own side of it follows from the server. */
export function entered(state: State, id: number): State {
  return onRoom(state, id, (room) =>
    room.me
      ? room
      : {
          ...room,
          me: {
            role: 'member',
            last_read_id: lastId(room),
            unread: 0,
            mentions: 0,
            notifications: 'all',
          },
        },
  )
}

export function withoutRoom(state: State, id: number): State {
  const { [id]: _room, ...rooms } = state.rooms
  return { ...withoutLines(state, id), rooms }
}

/** The room's lines, or all, are let go: what they hold is not true any more. */
export function withoutLines(
  state: State,
  room: number | undefined,
  but: readonly LineKey[] = [],
): State {
  const goes = (key: LineKey) => room === undefined || state.timelines[key]?.room === room
  const kept = state.kept.filter((key) => but.includes(key) || !goes(key))
  return { ...state, kept, timelines: pick(state.timelines, kept) }
}

export function pick<T>(all: Partial<Record<LineKey, T>>, keys: readonly LineKey[]) {
  return Object.fromEntries(
    keys.flatMap((key) => (key in all ? [[key, all[key]]] : [])),
  ) as Partial<Record<LineKey, T>>
}

/** Reading moves forward only. What is left unread is counted in the window, else nothing is. */
export function readMoved(state: State, room: Room, id: number): Room {
  const { me } = room
  if (!me || id <= me.last_read_id) return room
  if (id >= lastId(room))
    return { ...room, me: { ...me, last_read_id: id, unread: 0, mentions: 0 } }
  const known = state.timelines[`room ${room.id}`] ?? {
    messages: [],
    moreBefore: true,
    moreAfter: true,
  }
  const count = (had: number, counts: (m: Message) => boolean) =>
    leftUnread(had, me.last_read_id, id, known, (m) => counts(m) && !m.deleted) ?? had
  const unread = count(me.unread, (m) => m.author.id !== state.me?.id)
  const mentions = count(me.mentions, (m) => !!state.me && m.mentions.includes(state.me.id))
  return { ...room, me: { ...me, last_read_id: id, unread, mentions } }
}

export function withPeople(state: State, rooms: Room[]): State {
  const people = rooms.flatMap((room) => room.members ?? [])
  return people.length === 0 ? state : { ...state, users: withUsers(state.users, people) }
}

/** Direct rooms are called by their people. */
export function withMember(rooms: Record<number, Room>, user: User): Record<number, Room> {
  const theirs = Object.values(rooms).filter((room) =>
    room.members?.some((member) => member.id === user.id),
  )
  if (theirs.length === 0) return rooms
  const renamed = theirs.map((room) => [
    room.id,
    { ...room, members: room.members?.map((member) => (member.id === user.id ? user : member)) },
  ])
  return { ...rooms, ...(Object.fromEntries(renamed) as Record<number, Room>) }
}

/** The same thing as long as nobody is new or called otherwise: everything shown hangs on it. */
export function withUsers(users: State['users'], more: readonly Known[]): State['users'] {
  const news = more.filter((user) => {
    const old = users[user.id]
    return (
      old?.display_name !== user.display_name ||
      old.username !== user.username ||
      (old.avatar ?? null) !== (user.avatar ?? null) ||
      ('status' in user && !sameStatus(old, user))
    )
  })
  if (news.length === 0) return users
  return {
    ...users,
    // Authors of messages have no status: what was known of it stays.
    ...Object.fromEntries(news.map((user) => [user.id, { ...users[user.id], ...user }])),
  }
}

type Known = State['users'][number]

function sameStatus(a: Known, b: Known): boolean {
  const said = ({ status }: Known) =>
    [status?.emoji ?? '', status?.text ?? '', status?.until ?? ''].join('\n')
  return said(a) === said(b)
}

export function onRoom(state: State, id: number, change: (room: Room) => Room): State {
  const room = state.rooms[id]
  if (!room) return state
  const next = change(room)
  return next === room ? state : { ...state, rooms: { ...state.rooms, [id]: next } }
}
