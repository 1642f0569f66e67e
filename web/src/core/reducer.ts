/** One new state from an old one and what happened. Events apply once, in order, by `seq`. */
import type { Author, FollowState, Message, MessagePage, Room, User } from '../api/types'
import { apply } from './apply'
import type { LiveEvent } from './events'
import { onPlace, opened, openedAt, posted } from './lines'
import { empty, type LineKey, type Link, type Pending, type Position, type State } from './model'
import type { PlaceEvent } from './place'
import { onRoom, pick, readMoved, withPeople, withUsers } from './rooms'
import type { Limits } from './text'
import { isFolded, threadRead, withFollow } from './threads'
import { present, seenBy, type Seen } from './others'
import { keyOf, withPage, type Where } from './timeline'

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
  | { type: 'settings'; settings: Record<string, unknown> }
  /**
   * `asked` is the `seq` heard when the page was requested, `from` the message it joins on to: when
   * the window has moved elsewhere meanwhile, the page no longer fits and is let go.
   */
  | {
      type: 'page'
      room: number
      root?: number | undefined
      page: MessagePage
      where: Where
      asked: number
      from?: number
      /** One's own side of the thread. */
      me?: FollowState
    }
  | { type: 'removing'; message: number; on: boolean }
  | { type: 'presence'; online: number[]; away: number[]; offline: number[]; whole?: boolean }
  | { type: 'seen'; room: number; reads: readonly Seen[] }
  | { type: 'follows'; follows: Record<number, FollowState> }
  | { type: 'thread_read'; root: number; message: number }
  /** A line is on the screen from now on, or not any more. */
  | { type: 'shown'; key: LineKey }
  | { type: 'hidden'; key: LineKey }
  | { type: 'placed'; key: LineKey; event: PlaceEvent }
  | { type: 'dropped_line'; key: LineKey }
  | { type: 'problem'; key: LineKey; code: string | null }
  | { type: 'awake'; awake: boolean }
  | { type: 'held'; messages: number }
  | { type: 'event'; event: LiveEvent }
  | { type: 'queued'; pending: Pending }
  | { type: 'pending'; pending: Pending }
  | { type: 'confirmed'; message: Message }
  | { type: 'failed'; client_id: string; error: string }
  | { type: 'retried'; client_id: string }
  | { type: 'dropped'; client_id: string }
  /** One has read so far oneself; the server hears of it. */
  | { type: 'read'; room: number; message: number }
  /** One went back oneself: from here on everything is unread. */
  | { type: 'unread'; room: number; read: number; unread: number; mentions: number }
  | { type: 'typing'; room: number; user: number; until: number }

export function reduce(state: State, action: Action): State {
  switch (action.type) {
    case 'signed_in': {
      const { me, pending } = action
      const { shown, awake, held } = state
      return { ...empty, shown, awake, held, me, pending, users: { [me.id]: me } }
    }
    case 'signed_out':
      return empty
    case 'link':
      return state.link === action.link ? state : { ...state, link: action.link }
    case 'began': {
      const { position } = action
      return { ...state, position, recent: [], loaded: false, timelines: {}, kept: [], follows: {} }
    }
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
    case 'settings':
      return { ...state, settings: action.settings }
    case 'page':
      return paged(state, action)
    case 'shown': {
      const shown = state.shown.includes(action.key) ? state.shown : [...state.shown, action.key]
      return openedAt({ ...state, shown }, action.key)
    }
    case 'hidden':
      return { ...state, shown: state.shown.filter((key) => key !== action.key) }
    case 'placed':
      return onPlace(state, action.key, action.event)
    case 'dropped_line': {
      const kept = state.kept.filter((key) => key !== action.key)
      return { ...state, kept, timelines: pick(state.timelines, kept) }
    }
    case 'problem': {
      if ((state.problems[action.key] ?? null) === action.code) return state
      const { [action.key]: _, ...problems } = state.problems
      const { key, code } = action
      return { ...state, problems: code === null ? problems : { ...problems, [key]: code } }
    }
    case 'awake':
      return state.awake === action.awake ? state : { ...state, awake: action.awake }
    case 'held':
      return state.held === action.messages ? state : { ...state, held: action.messages }
    case 'event':
      return heard(state, action.event)
    case 'queued':
      return queued(state, action.pending)
    case 'pending':
      return onPending(state, action.pending.client_id, () => action.pending)
    case 'confirmed':
      return posted(state, action.message)
    case 'failed':
      return onPending(state, action.client_id, (p) => ({ ...p, error: action.error }))
    case 'retried':
      return onPending(state, action.client_id, ({ error: _, ...p }) => p)
    case 'dropped':
      return { ...state, pending: state.pending.filter((p) => p.client_id !== action.client_id) }
    case 'read':
      return onRoom(state, action.room, (room) => readMoved(state, room, action.message))
    case 'unread':
      return onRoom(state, action.room, (room) => {
        const { read: last_read_id, unread, mentions } = action
        return room.me ? { ...room, me: { ...room.me, last_read_id, unread, mentions } } : room
      })
    case 'removing': {
      const { [action.message]: _, ...removing } = state.removing
      return { ...state, removing: action.on ? { ...removing, [action.message]: true } : removing }
    }
    case 'presence':
      return { ...state, presence: present(state.presence, action) }
    case 'seen':
      return { ...state, seen: { ...state.seen, [action.room]: seenBy(state, action) } }
    case 'follows':
      return { ...state, follows: { ...state.follows, ...action.follows } }
    case 'thread_read':
      return threadRead(state, action.root, action.message)
    case 'typing': {
      const room = { ...state.typing[action.room], [action.user]: action.until }
      return { ...state, typing: { ...state.typing, [action.room]: room } }
    }
  }
}

function paged(state: State, action: Extract<Action, { type: 'page' }>): State {
  const { room, root, page, where } = action
  const key = keyOf(action)
  const old = state.timelines[key]
  if (where === 'refresh' && !old) return state
  const end = where === 'before' ? old?.messages[0]?.id : old?.messages.at(-1)?.id
  if ((where === 'before' || where === 'after') && end !== action.from) return state
  const line = withPage(old, page, where, { room, root, held: state.held })
  const users = withUsers(state.users, authors(page.messages))
  const held = { ...state, users, timelines: { ...state.timelines, [key]: line } }
  const { me } = action
  const next = root !== undefined && me ? withFollow(held, root, me) : held
  return repeat(old ? opened(next, key) : openedAt(next, key), action.asked, room)
}

/** What one writes stands at the end, and one goes there to see it. */
function queued(state: State, pending: Pending): State {
  const next = { ...state, pending: [...state.pending, pending] }
  const inRoom = isFolded(pending)
    ? next
    : onPlace(next, `room ${pending.room_id}`, { type: 'wrote' })
  return pending.reply_to === undefined
    ? inRoom
    : onPlace(inRoom, `thread ${pending.reply_to}`, { type: 'wrote' })
}

/** An event counts once: what is not newer than the position was heard before. */
function heard(state: State, event: LiveEvent): State {
  const { position } = state
  if (!position || event.seq < position.seq) return state
  // One entry may tell several things under one `seq`; the same thing twice is a repeat.
  if (event.seq === position.seq && !isNews(state.recent, event)) return state
  return {
    ...apply(state, event),
    position: { ...position, seq: event.seq },
    recent: [...state.recent.slice(1 - RECENT), event],
  }
}

function isNews(recent: readonly LiveEvent[], event: LiveEvent): boolean {
  const same = recent.filter((e) => e.seq === event.seq)
  // Nothing of this entry was heard: it came before the position was told.
  if (same.length === 0) return false
  const text = JSON.stringify(event)
  return same.every((e) => JSON.stringify(e) !== text)
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

function authors(messages: Message[]): Author[] {
  return [...new Map(messages.map(({ author }) => [author.id, author])).values()]
}

function onPending(state: State, id: string, change: (pending: Pending) => Pending): State {
  return { ...state, pending: state.pending.map((p) => (p.client_id === id ? change(p) : p)) }
}
