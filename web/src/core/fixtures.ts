/** Small people, rooms and messages for tests. */
import type { Message, MessagePage, Room, User } from '../api/types'

export const me: User = {
  id: 1,
  username: 'kim',
  display_name: '김철수',
  role: 'member',
  created_at: '2026-11-01T00:00:00Z',
}

export const other: User = { ...me, id: 2, username: 'lee', display_name: '이영희' }

export function message(id: number, more: Partial<Message> = {}): Message {
  return {
    id,
    room_id: 10,
    author: other,
    text: `글 ${id}`,
    sent_at: '2026-11-22T00:00:00Z',
    reactions: [],
    files: [],
    pinned: false,
    mentions: [],
    ...more,
  }
}

export function room(more: Partial<Room> = {}): Room {
  return {
    id: 10,
    name: '마당',
    topic: '',
    kind: 'public',
    member_count: 2,
    created_at: '2026-11-01T00:00:00Z',
    last_message: null,
    me: { role: 'member', last_read_id: 0, unread: 0, mentions: 0, notifications: 'all' },
    ...more,
  }
}

export function page(ids: number[], before = false, after = false): MessagePage {
  return { messages: ids.map((id) => message(id)), more_before: before, more_after: after }
}
