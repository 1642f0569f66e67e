/** What the live connection tells of. Every lasting event carries its `seq` in the log. */
import type { FollowState, Message, Room, Scheduled, ThreadSummary, User } from '../api/types'

export type LiveEvent = { seq: number } & (
  | { type: 'message.created'; room_id: number; message: Message }
  | { type: 'message.updated'; room_id: number; message: Message }
  | { type: 'message.deleted'; room_id: number; message: Message }
  | { type: 'reaction.added'; room_id: number; message_id: number; emoji: string; user_id: number }
  | {
      type: 'reaction.removed'
      room_id: number
      message_id: number
      emoji: string
      user_id: number
    }
  | { type: 'room.created'; room_id: number; room: Room; user_ids: number[] }
  | { type: 'room.updated'; room_id: number; room: Room }
  | { type: 'room.deleted'; room_id: number }
  | { type: 'member.joined'; room_id: number; user_id: number; user: User; room: Room }
  | { type: 'member.left'; room_id: number; user_id: number }
  | {
      type: 'read.moved'
      room_id: number
      user_id: number
      message_id: number
      /** What is left unread then. */
      unread?: number
      mentions?: number
    }
  | { type: 'pin.added'; room_id: number; message_id: number; user_id: number }
  | { type: 'pin.removed'; room_id: number; message_id: number; user_id: number }
  /** How many replies there are, or the hearer's own side of the thread. */
  | {
      type: 'thread.updated'
      room_id: number
      message_id: number
      thread?: ThreadSummary | null
      me?: FollowState | null
    }
  /** What one's own other devices write and schedule. */
  | { type: 'draft.updated'; room_id: number; thread_id?: number | null; text: string }
  | { type: 'scheduled.updated'; id: number; room_id: number; scheduled?: Scheduled | null }
  | { type: 'user.updated'; user_id: number; user: User }
  | { type: 'settings.updated'; settings: Record<string, unknown> }
  /** Messages came or went otherwise than by posting: an import, a purge. */
  | { type: 'history.changed'; room_id?: number }
)

export const lastingEvents = [
  'message.created',
  'message.updated',
  'message.deleted',
  'reaction.added',
  'reaction.removed',
  'room.created',
  'room.updated',
  'room.deleted',
  'member.joined',
  'member.left',
  'read.moved',
  'pin.added',
  'pin.removed',
  'thread.updated',
  'draft.updated',
  'scheduled.updated',
  'user.updated',
  'settings.updated',
  'history.changed',
] as const satisfies readonly LiveEvent['type'][]
