/** What a chat begins with: one answer of the server, or what was kept of the last time. */
import type { Bootstrap, Opened, Room, User } from '../api/types'
import { roomLine } from './model'
import type { Store } from './store'
import { isFolded } from './threads'

/** An answer for somebody who is signed in, perhaps with more rooms than the one that was opened. */
export interface Start extends Omit<Bootstrap, 'settings'> {
  me: User
  settings: Record<string, unknown>
  more?: Opened[]
}

/** The rooms and the pages that are known already are there at once; live events go on from them. */
export function begin(
  store: Store,
  start: Start,
  learned: (room: Room) => void = () => undefined,
): void {
  const { epoch, seq, server, rooms, settings, opened, more = [] } = start
  if (epoch == null || seq == null) return
  store.dispatch({ type: 'began', position: { epoch, seq } })
  store.dispatch({ type: 'limits', limits: server.limits })
  store.dispatch({ type: 'settings', settings })
  store.dispatch({ type: 'rooms', rooms, asked: seq })
  for (const room of rooms) learned(room)
  for (const { room, around, page } of [...more, ...(opened ? [opened] : [])]) {
    store.dispatch({ type: 'room', room, asked: seq })
    const where = around == null ? 'latest' : 'around'
    // The answer may hold replies that stand in their threads alone.
    const messages = page.messages.filter((message) => !isFolded(message))
    store.dispatch({
      type: 'page',
      room: room.id,
      page: { ...page, messages },
      where,
      asked: seq,
    })
  }
  // Where one is led: its unread line stands before it is drawn.
  if (opened) store.dispatch({ type: 'shown', key: roomLine(opened.room.id) })
}
