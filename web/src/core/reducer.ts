/** One new state from an old one and what happened. Events apply once, in order, by `seq`. */
import type { Author, Message, MessagePage, Room, User } from '../api/types'
import type { LiveEvent } from './events'
import type { Limits } from './text'
import { empty, lastId, type Link, type Pending, type Position, type State } from './model'
import {
  changed,
  replaced,
  withMessage,
  withoutReaction,
  withoutReply,
  withPage,
  withReaction,
  withReply,
  type Place,
} from './timeline'

/** Events kept for pages still on their way; far more than arrive during one request. */
const RECENT = 500

export type Action =
  | { type: 'signed_in'; me: User; pending: Pending[] }
  | { type: 'signed_out' }
  | { type: 'link'; link: Link }
  /** The connection stands without a past: what is known is loaded anew. */
  | { type: 'began'; position: Position }
  | { type: 'rooms'; rooms: Room[]; asked: number }
  | { type: 'room'; room: Room; asked: number }
  | { type: 'users'; users: Author[] }
  | { type: 'limits'; limits: Limits }
  /**
   * `asked` is the `seq` heard when the page was requested, `from` the message it joins on to: when
   * the window has moved elsewhere meanwhile, the page no longer fits and is let go.
   */
  | { type: 'page'; room: number; page: MessagePage; place: Place; asked: number; from?: number }
  | { type: 'closed'; room: number }
  | { type: 'follow'; room: number; follow: boolean }
  | { type: 'event'; event: LiveEvent }
  | { type: 'queued'; pending: Pending }
  | { type: 'confirmed'; message: Message }
  | { type: 'failed'; client_id: string; error: string }
  | { type: 'retried'; client_id: string }
  | { type: 'dropped'; client_id: string }
  | { type: 'typing'; room: number; user: number; until: number }

export function reduce(state: State, action: Action): State {
  switch (action.type) {
    case 'signed_in':
      return {
        ...empty,
        me: action.me,
        pending: action.pending,
        users: { [action.me.id]: action.me },
      }
    case 'signed_out':
      return empty
    case 'link':
      return state.link === action.link ? state : { ...state, link: action.link }
    case 'began':
      return { ...state, position: action.position, recent: [], loaded: false, timelines: {} }
    case 'rooms': {
      const rooms = Object.fromEntries(action.rooms.map((room) => [room.id, room]))
      return repeat({ ...withPeople(state, action.rooms), rooms, loaded: true }, action.asked)
    }
    case 'room': {
      const rooms = { ...state.rooms, [action.room.id]: action.room }
      return repeat({ ...withPeople(state, [action.room]), rooms }, action.asked, action.room.id)
    }
    case 'users':
      return { ...state, users: withUsers(state.users, action.users) }
    case 'limits':
      return { ...state, limits: action.limits }
    case 'page': {
      const { room, page, place } = action
      const old = state.timelines[room]?.messages
      const end = place === 'before' ? old?.[0]?.id : old?.at(-1)?.id
      if ((place === 'before' || place === 'after') && end !== action.from) return state
      const readAtOpen = state.rooms[room]?.me?.last_read_id ?? 0
      const line = withPage(state.timelines[room], page, place, readAtOpen)
      return repeat(
        {
          ...state,
          users: withUsers(state.users, authors(page.messages)),
          timelines: { ...state.timelines, [room]: line },
        },
        action.asked,
        room,
      )
    }
    case 'closed': {
      const { [action.room]: _, ...timelines } = state.timelines
      return { ...state, timelines }
    }
    case 'follow': {
      const line = state.timelines[action.room]
      if (!line || line.follow === action.follow) return state
      return onLine(state, action.room, (old) => ({ ...old, follow: action.follow }))
    }
    case 'event':
      return heard(state, action.event)
    case 'queued':
      return { ...state, pending: [...state.pending, action.pending] }
    case 'confirmed':
      return posted(state, action.message)
    case 'failed':
      return onPending(state, action.client_id, (p) => ({ ...p, error: action.error }))
    case 'retried':
      return onPending(state, action.client_id, ({ error: _, ...p }) => p)
    case 'dropped':
      return { ...state, pending: state.pending.filter((p) => p.client_id !== action.client_id) }
    case 'typing': {
      const room = { ...state.typing[action.room], [action.user]: action.until }
      return { ...state, typing: { ...state.typing, [action.room]: room } }
    }
  }
}

/** An event counts once: what is not newer than the position was heard before. */
function heard(state: State, event: LiveEvent): State {
  const { position } = state
  if (!position || event.seq <= position.seq) return state
  return {
    ...apply(state, event),
    position: { ...position, seq: event.seq },
    recent: [...state.recent.slice(1 - RECENT), event],
  }
}

/**
 * Repeats what was heard since an answer was asked for. Every event but one says how things are
 * now, so applying it twice changes nothing; that somebody left is counted, and not repeated.
 */
function repeat(state: State, asked: number, room?: number): State {
  return state.recent
    .filter((e) => e.seq > asked && (room === undefined || ('room_id' in e && e.room_id === room)))
    .filter((e) => e.type !== 'member.left' || e.user_id === state.me?.id)
    .reduce(apply, state)
}

function apply(state: State, event: LiveEvent): State {
  switch (event.type) {
    case 'message.created':
      return posted(state, event.message)
    case 'message.updated':
    case 'message.deleted': {
      const next = onLine(state, event.room_id, (line) =>
        replaced(withoutReply(line, event.message), event.message),
      )
      return onRoom(next, event.room_id, (room) =>
        lastId(room) === event.message.id ? { ...room, last_message: event.message } : room,
      )
    }
    case 'reaction.added':
      return onMessage(state, event, (m) => withReaction(m, event.emoji, event.user_id))
    case 'reaction.removed':
      return onMessage(state, event, (m) => withoutReaction(m, event.emoji, event.user_id))
    case 'pin.added':
      return onMessage(state, event, (m) => ({ ...m, pinned: true }))
    case 'pin.removed':
      return onMessage(state, event, (m) => ({ ...m, pinned: false }))
    case 'room.created': {
      const next = withRoom(state, event.room)
      return state.me && event.user_ids.includes(state.me.id) ? entered(next, event.room_id) : next
    }
    case 'room.updated':
      return withRoom(state, event.room)
    case 'room.deleted':
      return withoutRoom(state, event.room_id)
    case 'member.joined': {
      const next = withRoom({ ...state, users: withUsers(state.users, [event.user]) }, event.room)
      return event.user_id === state.me?.id ? entered(next, event.room_id) : next
    }
    case 'member.left':
      if (event.user_id === state.me?.id) return withoutRoom(state, event.room_id)
      return onRoom(state, event.room_id, (room) => ({
        ...room,
        member_count: Math.max(0, room.member_count - 1),
      }))
    case 'read.moved':
      if (event.user_id !== state.me?.id) return state
      return onRoom(state, event.room_id, (room) => readUpTo(state, room, event.message_id))
    case 'user.updated': {
      const me = state.me?.id === event.user_id ? event.user : state.me
      // Of people whom nobody here has heard of, nothing is kept.
      if (!state.users[event.user_id]) return { ...state, me }
      const users = withUsers(state.users, [event.user])
      return { ...state, me, users, rooms: withMember(state.rooms, event.user) }
    }
  }
}

/** A message exists: at the end of its room, counted if it is news, its pending double gone. */
function posted(state: State, message: Message): State {
  const mine = message.author.id === state.me?.id
  const pending =
    mine && message.client_id
      ? state.pending.filter((p) => p.client_id !== message.client_id)
      : state.pending
  const typers = state.typing[message.room_id]
  const users = withUsers(state.users, [message.author])
  const next = onLine({ ...state, pending, users }, message.room_id, (line) =>
    withReply(withMessage(line, message), message),
  )
  if (typers?.[message.author.id]) {
    const { [message.author.id]: _, ...rest } = typers
    next.typing = { ...next.typing, [message.room_id]: rest }
  }
  return onRoom(next, message.room_id, (room) => {
    if (message.id <= lastId(room)) return room
    const { me } = room
    if (!me) return { ...room, last_message: message }
    if (mine) {
      const read = { ...me, last_read_id: message.id, unread: 0, mentions: 0 }
      return { ...room, last_message: message, me: read }
    }
    const named = state.me !== null && message.mentions.includes(state.me.id)
    return {
      ...room,
      last_message: message,
      me: { ...me, unread: me.unread + 1, mentions: me.mentions + (named ? 1 : 0) },
    }
  })
}

/** Reading moves forward only. What is left unread is counted in the window, else nothing is. */
function readUpTo(state: State, room: Room, id: number): Room {
  const { me } = room
  if (!me || id <= me.last_read_id) return room
  const news =
    id >= lastId(room)
      ? []
      : (state.timelines[room.id]?.messages ?? []).filter(
          (m) => m.id > id && m.author.id !== state.me?.id && !m.deleted,
        )
  const mentions = news.filter((m) => state.me && m.mentions.includes(state.me.id)).length
  return { ...room, me: { ...me, last_read_id: id, unread: news.length, mentions } }
}

/** A room as events tell of it: without the caller's own side, which is kept. */
function withRoom(state: State, room: Room): State {
  const old = state.rooms[room.id]
  const next: Room = { ...room }
  if (old && lastId(old) > lastId(room)) next.last_message = old.last_message ?? null
  if (old?.me && !room.me) next.me = old.me
  if (old?.members && !room.members) next.members = old.members
  return { ...withPeople(state, [next]), rooms: { ...state.rooms, [room.id]: next } }
}

/** The caller is in the room; their own side of it follows from the server. */
function entered(state: State, id: number): State {
  return onRoom(state, id, (room) =>
    room.me
      ? room
      : { ...room, me: { role: 'member', last_read_id: lastId(room), unread: 0, mentions: 0 } },
  )
}

function withoutRoom(state: State, id: number): State {
  const { [id]: _room, ...rooms } = state.rooms
  const { [id]: _line, ...timelines } = state.timelines
  return { ...state, rooms, timelines }
}

function withPeople(state: State, rooms: Room[]): State {
  const people = rooms.flatMap((room) => room.members ?? [])
  return people.length === 0 ? state : { ...state, users: withUsers(state.users, people) }
}

/** Direct rooms are called by their people. */
function withMember(rooms: Record<number, Room>, user: User): Record<number, Room> {
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

function authors(messages: Message[]): Author[] {
  return [...new Map(messages.map(({ author }) => [author.id, author])).values()]
}

/** The same thing as long as nobody is new or called otherwise: everything shown hangs on it. */
function withUsers(users: Record<number, Author>, more: Author[]): Record<number, Author> {
  const news = more.filter((user) => {
    const old = users[user.id]
    return old?.display_name !== user.display_name || old.username !== user.username
  })
  if (news.length === 0) return users
  return { ...users, ...Object.fromEntries(news.map((user) => [user.id, user])) }
}

function onRoom(state: State, id: number, change: (room: Room) => Room): State {
  const room = state.rooms[id]
  return room ? { ...state, rooms: { ...state.rooms, [id]: change(room) } } : state
}

type Line = State['timelines'][number]

function onLine(state: State, room: number, change: (line: Line) => Line): State {
  const line = state.timelines[room]
  if (!line) return { ...state }
  return { ...state, timelines: { ...state.timelines, [room]: change(line) } }
}

function onMessage(
  state: State,
  at: { room_id: number; message_id: number },
  change: (message: Message) => Message,
): State {
  return onLine(state, at.room_id, (line) => changed(line, at.message_id, change))
}

function onPending(state: State, id: string, change: (pending: Pending) => Pending): State {
  return { ...state, pending: state.pending.map((p) => (p.client_id === id ? change(p) : p)) }
}
