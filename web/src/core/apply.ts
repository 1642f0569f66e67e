/** What each live event means for the state. */
import type { LiveEvent } from './events'
import { onLines, onMessage, onPlace, posted } from './lines'
import { lastId, type State } from './model'
import {
  entered,
  onRoom,
  readMoved,
  withMember,
  withoutLines,
  withoutRoom,
  withRoom,
  withUsers,
} from './rooms'
import { withFollow } from './threads'
import { replaced, withoutReaction, withReaction } from './timeline'

export function apply(state: State, event: LiveEvent): State {
  switch (event.type) {
    case 'message.created':
      return posted(state, event.message)
    case 'message.updated':
    case 'message.deleted': {
      const next = onLines(state, event.room_id, (line) => replaced(line, event.message))
      return onRoom(next, event.room_id, (room) =>
        lastId(room) === event.message.id ? { ...room, last_message: event.message } : room,
      )
    }
    case 'reaction.added':
      return onMessage(state, event, (m) => withReaction(m, event.emoji, event.user_id))
    case 'reaction.removed':
      return onMessage(state, event, (m) => withoutReaction(m, event.emoji, event.user_id))
    case 'pin.added':
      return onMessage(pinsChanged(state, event.room_id), event, (m) => ({ ...m, pinned: true }))
    case 'pin.removed':
      return onMessage(pinsChanged(state, event.room_id), event, (m) => ({ ...m, pinned: false }))
    case 'room.created': {
      const next = withRoom(state, event.room)
      return state.me && event.user_ids.includes(state.me.id) ? entered(next, event.room_id) : next
    }
    case 'room.updated':
      return withRoom(state, event.room)
    case 'room.deleted':
      return withoutRoom(state, event.room_id)
    case 'history.changed':
      // What is on the screen stays there until it is read again.
      return withoutLines(state, event.room_id, state.shown)
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
    case 'read.moved': {
      if (event.user_id !== state.me?.id) return state
      const next = onRoom(state, event.room_id, (room) => readMoved(state, room, event.message_id))
      const done = next !== state && next.rooms[event.room_id]?.me?.unread === 0
      const key = `room ${event.room_id}` as const
      const here = state.awake && state.shown.includes(key)
      return done && !here ? onPlace(next, key, { type: 'read_elsewhere' }) : next
    }
    case 'thread.updated': {
      const { message_id: root, thread, me } = event
      // Told is what changed: the thread, or the hearer's own side of it.
      if (me) return withFollow(state, root, me)
      return onMessage(state, event, ({ thread: _, ...first }) =>
        thread ? { ...first, thread } : first,
      )
    }
    case 'draft.updated':
      return state
    case 'settings.updated':
      return { ...state, settings: event.settings }
    case 'scheduled.updated':
      return { ...state, unsent: state.unsent + 1 }
    case 'user.updated': {
      const me = state.me?.id === event.user_id ? event.user : state.me
      // Of people whom nobody here has heard of, nothing is kept.
      if (!state.users[event.user_id]) return { ...state, me }
      const users = withUsers(state.users, [event.user])
      return { ...state, me, users, rooms: withMember(state.rooms, event.user) }
    }
  }
}

function pinsChanged(state: State, room: number): State {
  return { ...state, pinned: { ...state.pinned, [room]: (state.pinned[room] ?? 0) + 1 } }
}
