/** What is kept of a chat for a start without a network: the rooms and what was read last. */
import type { Opened, ServerInfo } from '../api/types'
import { myRooms, type State } from './model'
import type { Start } from './start'

const MESSAGES = 50
const ROOMS = 10

/** As an answer of the server would tell it; `null` where too little is known. */
export function snapshot(state: State, server: ServerInfo | null): Start | null {
  const { me, position, loaded, settings } = state
  if (!me || !position || !loaded || !server) return null
  const more: Opened[] = []
  for (const key of state.kept) {
    const line = state.timelines[key]
    const room = line && state.rooms[line.room]
    // Threads, and windows somewhere in the past, are asked for again.
    if (!room || line.root !== undefined || line.moreAfter) continue
    const messages = line.messages.slice(-MESSAGES)
    const more_before = line.moreBefore || messages.length < line.messages.length
    more.push({ room, page: { messages, more_before, more_after: false } })
    if (more.length === ROOMS) break
  }
  return { me, server, settings: settings ?? {}, rooms: myRooms(state), ...position, more }
}
