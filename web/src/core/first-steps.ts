/** The three steps of a workspace that is still empty; each finishes by itself. */
import type { State } from './model'

export interface Steps {
  room: boolean
  people: boolean
  message: boolean
}

/** How far it is; `null` where nobody has to be led. */
export function firstSteps(state: State): Steps | null {
  const { me, loaded, settings } = state
  if (!loaded || me?.role !== 'admin' || !settings || settings.begun === true) return null
  const rooms = Object.values(state.rooms)
  return {
    room: rooms.some((room) => room.me && room.kind !== 'direct'),
    people:
      rooms.some(({ member_count }) => member_count > 1) ||
      Object.keys(state.users).some((id) => Number(id) !== me.id),
    // Whoever wrote it: where people talk, nobody has to be led.
    message: rooms.some((room) => room.me && room.kind !== 'direct' && room.last_message != null),
  }
}

export const areDone = ({ room, people, message }: Steps): boolean => room && people && message

export const sameSteps = (a: Steps | null, b: Steps | null): boolean =>
  a === b ||
  (a !== null &&
    b !== null &&
    a.room === b.room &&
    a.people === b.people &&
    a.message === b.message)
