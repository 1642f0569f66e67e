/** What the app knows. Plain data; `reducer` is the only one that makes a new one from an old. */
import type { Author, Message, Room, User } from '../api/types'
import type { LiveEvent } from './events'
import type { Limits } from './text'

/** A window onto a room's messages: without holes, oldest first. */
export interface Timeline {
  messages: Message[]
  moreBefore: boolean
  moreAfter: boolean
  /** The reader is at the newest message and wants to stay there. */
  follow: boolean
  /** What was read when the room was opened; the unread line stands after it. */
  readAtOpen: number
}

/** A message that the server has not confirmed yet. */
export interface Pending {
  client_id: string
  room_id: number
  text: string
  reply_to?: number
  /** Whom the author chose from the list. */
  mentions?: number[]
  sent_at: string
  /** Set when the server refused it; it waits for the author's decision. */
  error?: string
}

export type Link = 'connecting' | 'online' | 'offline'

/** How far the live events have been heard. Meaningless without its epoch. */
export interface Position {
  epoch: number
  seq: number
}

export interface State {
  me: User | null
  /** The rooms are loaded: what is shown is the truth as of `position`. */
  loaded: boolean
  /** Everybody who was heard of, not everybody there is. */
  users: Record<number, Author>
  /** How long a message may be; unknown until the server was asked. */
  limits: Limits | null
  rooms: Record<number, Room>
  timelines: Record<number, Timeline>
  pending: Pending[]
  /** Room → user → until when they count as typing, in milliseconds since 1970. */
  typing: Record<number, Record<number, number>>
  link: Link
  position: Position | null
  /** The last events, to repeat them on a page that was asked for before they came. */
  recent: LiveEvent[]
}

export const empty: State = {
  me: null,
  loaded: false,
  users: {},
  limits: null,
  rooms: {},
  timelines: {},
  pending: [],
  typing: {},
  link: 'connecting',
  position: null,
  recent: [],
}

/** The rooms the caller is in, the one spoken in last first. */
export function myRooms(state: State): Room[] {
  return Object.values(state.rooms)
    .filter((room) => room.me)
    .sort((a, b) => lastId(b) - lastId(a) || b.id - a.id)
}

export function lastId(room: Room): number {
  return room.last_message?.id ?? 0
}

/** What a room is called: its name, or the other people of a direct one. */
export function roomTitle(room: Room, me: number | undefined): string {
  if (room.name !== '') return room.name
  const others = (room.members ?? []).filter((user) => user.id !== me)
  const people = others.length > 0 ? others : (room.members ?? [])
  return people.map((user) => user.display_name).join(', ')
}
