import { expect, it } from 'vitest'
import { me, page, room } from './fixtures'
import { snapshot } from './snapshot'
import { begin, type Start } from './start'
import { Store } from './store'

const server: Start['server'] = {
  name: '마루',
  version: '0',
  signup: 'open',
  setup_required: false,
  mail: false,
  limits: { message_characters: 10, message_bytes: 100, file_bytes: 1, files_per_message: 1 },
}
const start: Start = {
  me,
  server,
  settings: { theme: 'dark' },
  rooms: [room()],
  epoch: 1,
  seq: 7,
  opened: { room: room(), page: page([1, 2, 3]) },
}

it('what was kept begins the same chat again', () => {
  const store = new Store()
  store.dispatch({ type: 'signed_in', me, pending: [] })
  expect(snapshot(store.state, server)).toBeNull()
  begin(store, start)
  const kept = snapshot(store.state, server)
  expect(kept).toMatchObject({ epoch: 1, seq: 7, settings: { theme: 'dark' } })
  const again = new Store()
  again.dispatch({ type: 'signed_in', me, pending: [] })
  if (kept) begin(again, kept)
  expect(again.state.timelines['room 10']?.messages.map(({ id }) => id)).toEqual([1, 2, 3])
  expect(again.state.position).toEqual({ epoch: 1, seq: 7 })
  expect(again.state.rooms).toEqual(store.state.rooms)
})

it('an answer without a position begins nothing', () => {
  const store = new Store()
  const { epoch: _e, seq: _s, ...nothing } = start
  begin(store, nothing)
  expect(store.state.loaded).toBe(false)
})

it('replies of the answer do not stand in the room, unless they were sent there too', () => {
  const store = new Store()
  const { messages, ...rest } = page([1, 2, 3])
  const replies = messages.map((message) => {
    if (message.id === 2) return { ...message, reply_to: 1 }
    return message.id === 3 ? { ...message, reply_to: 1, also_in_room: true } : message
  })
  begin(store, { ...start, opened: { room: room(), page: { ...rest, messages: replies } } })
  expect(store.state.timelines['room 10']?.messages.map(({ id }) => id)).toEqual([1, 3])
})
