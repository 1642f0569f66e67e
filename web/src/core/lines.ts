/** The lines of messages in the state: which are held, and what comes into them. */
import type { Message } from '../api/types'
import { lastId, threadLine, type LineKey, type State, type Timeline } from './model'
import { placed, type PlaceEvent } from './place'
import { onRoom, pick, readMoved, withUsers } from './rooms'
import { isFolded, readBefore, replied } from './threads'
import { changed, withMessage, withReply } from './timeline'

/** Lines that are held for coming back, threads counted too. */
const KEPT = 10

/** The line is shown now; the one that was not shown for longest is let go. */
export function opened(state: State, key: LineKey): State {
  const line = state.timelines[key]
  if (!line) return state
  const kept = [key, ...state.kept.filter((k) => k !== key)]
  const stay = kept.filter((k, n) => n < KEPT || state.shown.includes(k))
  const timelines = stay.length < kept.length ? pick(state.timelines, stay) : state.timelines
  return { ...state, kept: stay, timelines }
}

/** Puts the unread line where reading stopped. */
export function openedAt(state: State, key: LineKey): State {
  const line = state.timelines[key]
  if (line?.root !== undefined) {
    const unread = state.follows[line.root]?.unread ?? 0
    const read = unread > 0 ? readBefore(line, unread, state.me?.id) : 0
    return onPlace(opened(state, key), key, { type: 'opened', read, unread })
  }
  const { last_read_id: read = 0, unread = 0 } = (line && state.rooms[line.room]?.me) ?? {}
  return onPlace(opened(state, key), key, { type: 'opened', read, unread })
}

export function onLine(state: State, key: LineKey, change: (line: Timeline) => Timeline): State {
  const line = state.timelines[key]
  if (!line) return state
  const next = change(line)
  return next === line ? state : { ...state, timelines: { ...state.timelines, [key]: next } }
}

export function onPlace(state: State, key: LineKey, event: PlaceEvent): State {
  return onLine(state, key, (line) => {
    const place = placed(line.place, event)
    return place === line.place ? line : { ...line, place }
  })
}

/** All lines of a room: its own and its threads. A message can stand in two of them. */
export function onLines(state: State, room: number, change: (line: Timeline) => Timeline): State {
  return state.kept.reduce(
    (next, key) => (next.timelines[key]?.room === room ? onLine(next, key, change) : next),
    state,
  )
}

export function onMessage(
  state: State,
  at: { room_id: number; message_id: number },
  change: (message: Message) => Message,
): State {
  return onLines(state, at.room_id, (line) => changed(line, at.message_id, change))
}

/** Somebody looks at the end of this line right now. */
export function watched(state: State, key: LineKey): boolean {
  const line = state.timelines[key]
  if (!line || !state.awake || !state.shown.includes(key)) return false
  return line.place.follow && !line.place.held && !line.moreAfter
}

/** A message exists: at the end of its lines, counted if it is news, its pending double gone. */
export function posted(state: State, message: Message): State {
  const { room_id: id } = message
  const mine = message.author.id === state.me?.id
  const pending =
    mine && message.client_id
      ? state.pending.filter((p) => p.client_id !== message.client_id)
      : state.pending
  const users = withUsers(state.users, [message.author])
  const typed = withoutTyper({ ...state, pending, users }, id, message.author.id)
  const { reply_to: root } = message
  const thread = root == null ? undefined : threadLine(root)
  const news = root != null && message.id > (state.replied[root] ?? 0)
  const isSeen = thread !== undefined && watched(typed, thread)
  const next = news ? replied(typed, message, isSeen) : typed
  const shown = onLines(next, id, (line) => {
    const belongs = line.root === undefined ? !isFolded(message) : line.root === root
    return withReply(belongs ? withMessage(line, message, state.held) : line, message)
  })
  // A reply counts in its thread; in its room only what names the reader.
  if (isFolded(message)) return news ? namedIn(shown, message, mine || isSeen) : shown
  return counted(shown, message, mine)
}

function namedIn(state: State, { room_id, mentions }: Message, isSeen: boolean): State {
  if (isSeen || !state.me || !mentions.includes(state.me.id)) return state
  return onRoom(state, room_id, (room) =>
    room.me ? { ...room, me: { ...room.me, mentions: room.me.mentions + 1 } } : room,
  )
}

function counted(state: State, message: Message, mine: boolean): State {
  const key: LineKey = `room ${message.room_id}`
  const room = state.rooms[message.room_id]
  if (!room || message.id <= lastId(room)) return state
  const named =
    message.calls != null || (state.me !== null && message.mentions.includes(state.me.id))
  const next = onRoom(state, room.id, () => ({ ...room, last_message: message }))
  const { me } = room
  if (!me) return next
  if (mine) {
    const read = { ...me, last_read_id: message.id, unread: 0, mentions: 0 }
    return onPlace(
      onRoom(next, room.id, (r) => ({ ...r, me: read })),
      key,
      { type: 'wrote' },
    )
  }
  // What one watches is read as it comes; the server hears of it a moment later.
  if (watched(state, key)) return onRoom(next, room.id, (r) => readMoved(state, r, message.id))
  const unread = { ...me, unread: me.unread + 1, mentions: me.mentions + (named ? 1 : 0) }
  const more = onRoom(next, room.id, (r) => ({ ...r, me: unread }))
  return me.unread > 0 ? more : onPlace(more, key, { type: 'news', after: lastId(room) })
}

function withoutTyper(state: State, room: number, user: number): State {
  const typers = state.typing[room]
  if (!typers?.[user]) return state
  const { [user]: _, ...rest } = typers
  return { ...state, typing: { ...state.typing, [room]: rest } }
}
