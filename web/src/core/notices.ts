/** What somebody is told of who does not look: decided from the event and their settings alone. */
import type { Message, Room } from '../api/types'
import type { LiveEvent } from './events'
import { preview } from './markdown/preview'
import { roomLine, roomTitle, type State } from './model'
import { isQuiet, type Settings } from './settings'

export interface Notice {
  room: number
  message: number
  /** Where it was said; empty for a conversation of two. */
  where: string
  who: string
  /** Left out where texts are private. */
  text: string | undefined
}

/** Who of the person's windows is where. */
export interface Windows {
  /** Somebody sits before one of them. */
  here: boolean
  /** One of them shows the room to somebody. */
  reading: (room: number) => boolean
}

export function noticeOf(
  state: State,
  event: LiveEvent,
  settings: Settings,
  windows: Windows,
  now: Date,
): Notice | null {
  if (event.type !== 'message.created') return null
  const { message, room_id } = event
  const room = state.rooms[room_id]
  if (!room?.me || !state.me || message.author.id === state.me.id) return null
  if (!isWanted(room, message, state.me.id, settings)) return null
  if (isQuiet(settings, now)) return null
  if (windows.reading(room_id)) return null
  if (windows.here && settings.notify_when === 'away') return null
  const alone = room.kind === 'direct' && room.member_count <= 2
  return {
    room: room_id,
    message: message.id,
    where: alone ? '' : roomTitle(room, state.me.id),
    who: message.author.display_name,
    text: settings.notify_text === 'hide' ? undefined : preview(message.text),
  }
}

function isWanted(room: Room, message: Message, me: number, { notify }: Settings): boolean {
  const level = room.me?.notifications ?? 'all'
  if (notify === 'none' || level === 'none') return false
  if (message.mentions.includes(me)) return true
  if (level === 'mentions') return false
  return room.kind === 'direct' || notify === 'all'
}

/** Whether the reader looks at the room in this window. */
export function isReading(state: State, room: number): boolean {
  return state.awake && state.shown.includes(roomLine(room))
}
