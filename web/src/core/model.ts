/** What the app knows. Plain data; `reducer` is the only one that makes a new one from an old. */
import type { Attachment, Author, FollowState, Message, Room, Status, User } from '../api/types'
import type { LiveEvent } from './events'
import { memo } from './memo'
import type { Place } from './place'
import type { Limits } from './text'

/** Names a line of messages: a room's own, or a thread's. */
export type LineKey = `room ${number}` | `thread ${number}`

export const roomLine = (room: number): LineKey => `room ${room}`
export const threadLine = (root: number): LineKey => `thread ${root}`

/** A window onto a line of messages: without holes, oldest first. */
export interface Timeline {
  room: number
  /** The message that began the thread, where this is a thread. */
  root: number | undefined
  messages: Message[]
  moreBefore: boolean
  moreAfter: boolean
  /** Grows when the window is somewhere else than before, not when it is moved along. */
  generation: number
  place: Place
}

/** A file of a message that is not sent yet: on its way itself, or whole. */
export interface PendingFile {
  /** Of its upload. */
  key: string
  name: string
  size: number
  mime: string
  width?: number | undefined
  height?: number | undefined
  /** What it became. */
  file?: Attachment | undefined
}

/** A message that the server has not confirmed yet. */
export interface Pending {
  client_id: string
  room_id: number
  text: string
  reply_to?: number
  /** A reply that stands in the room, too. */
  also_in_room?: boolean
  /** Whom the author chose from the list. */
  mentions?: number[]
  /** They hold back this message, and no other. */
  files?: PendingFile[]
  sent_at: string
  /** Set when the server refused it; it waits for the author's decision. */
  error?: string
}

export type Presence = 'here' | 'away'

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
  users: Record<number, Author & { status?: Status | null }>
  /** What the server keeps of the reader's settings; unknown until it was asked. */
  settings: Record<string, unknown> | null
  /** How long a message may be; unknown until the server was asked. */
  limits: Limits | null
  rooms: Record<number, Room>
  /** What of the rooms and threads is held, the one shown last first in `kept`. */
  timelines: Partial<Record<LineKey, Timeline>>
  kept: LineKey[]
  /** Why a line that is wanted could not be loaded; it is tried again meanwhile. */
  problems: Partial<Record<LineKey, string>>
  /** Which lines are on the screen, and whether somebody sits before it. */
  shown: LineKey[]
  awake: boolean
  /** How many messages a window may hold: more on a taller screen. */
  held: number
  /** One's own side of threads, by the message that began them, as far as it is known. */
  follows: Record<number, FollowState>
  /** The newest reply that was heard of, by the message that began its thread. */
  replied: Record<number, number>
  /** Grows by room when pins come and go: who shows them asks anew. */
  pinned: Record<number, number>
  /** Grows when what waits to be sent changes, drafts apart. */
  unsent: number
  /** Who is connected, and who of them does not sit before a screen. */
  presence: Record<number, Presence>
  /** Room → user → how far they have read; of small rooms, as far as it was heard. */
  seen: Record<number, Record<number, number>>
  pending: Pending[]
  /** Deleted by the reader a moment ago; it can still be undone, so nobody else knows of it. */
  removing: Record<number, true>
  /** Room → user → until when they count as typing, in milliseconds since 1970. */
  typing: Record<number, Record<number, number>>
  link: Link
  position: Position | null
  /** The last events, to repeat them on a page that was asked for before they came. */
  recent: LiveEvent[]
}

/** Messages that a window holds on a screen of usual height. */
export const HELD = 120

export const empty: State = {
  me: null,
  loaded: false,
  users: {},
  settings: null,
  limits: null,
  rooms: {},
  timelines: {},
  kept: [],
  problems: {},
  shown: [],
  awake: true,
  held: HELD,
  follows: {},
  replied: {},
  pinned: {},
  unsent: 0,
  presence: {},
  seen: {},
  pending: [],
  removing: {},
  typing: {},
  link: 'connecting',
  position: null,
  recent: [],
}

/** The rooms the caller is in, the one spoken in last first. */
export function myRooms(state: State): Room[] {
  return sorted(state.rooms)
}

const sorted = memo((rooms: Record<number, Room>) =>
  Object.values(rooms)
    .filter(takesPart)
    .sort((a, b) => lastId(b) - lastId(a) || b.id - a.id),
)

/** One is in it, and it takes what is said: an archived room is read only, and in no list. */
export const takesPart = (room: Room | undefined): boolean =>
  room?.me !== undefined && room.me !== null && !room.archived

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
