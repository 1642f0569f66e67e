import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Message, MessagePage } from '../api/types'
import { ApiError, type Api } from './api'
import { Client, type World } from './client'
import { me, message, page, room } from './fixtures'
import { Wire } from './fixtures.wire'

let wire: Wire
let timers: { ms: number; then: () => void }[]
let signedOut: ReturnType<typeof vi.fn<() => void>>
let history: MessagePage
const limits = { message_characters: 1_000, message_bytes: 10_000 }
type Answer = (...args: unknown[]) => Promise<unknown>
let api: { bootstrap: Answer; messages: Answer } & Record<string, unknown>
let store: Map<string, string>

function client(): Client {
  let ids = 0
  const world: World = {
    api: api as unknown as Api,
    storage: {
      get length() {
        return store.size
      },
      key: (index) => [...store.keys()][index] ?? null,
      getItem: (key) => store.get(key) ?? null,
      setItem: (key, value) => void store.set(key, value),
      removeItem: (key) => void store.delete(key),
    },
    open: (auth) => (wire = new Wire(auth)),
    clock: {
      after: (ms, then) => {
        const timer = { ms, then }
        timers.push(timer)
        return () => (timers = timers.filter((t) => t !== timer))
      },
      random: () => 0.5,
    },
    now: () => new Date('2026-11-22T00:00:00Z'),
    newId: () => `id${++ids}`,
  }
  return new Client(world, me, signedOut)
}

/** Lets everything that is settled be told. */
const settle = () => new Promise((resolve) => setImmediate(resolve))
const created = (seq: number, more: Partial<Message>) => {
  wire.tell('message.created', { seq, room_id: 10, message: message(seq * 10, more) })
}

beforeEach(() => {
  timers = []
  store = new Map()
  signedOut = vi.fn<() => void>()
  history = page([1, 2, 3])
  api = {
    bootstrap: () => Promise.resolve({ me, rooms: [room()], server: { limits }, settings: {} }),
    messages: () => Promise.resolve(history),
    threads: () => Promise.resolve({ threads: [] }),
    thread: () => Promise.resolve({ me: { following: false, unread: 0 } }),
  }
})

async function online(): Promise<Client> {
  const made = client()
  wire.ready(100)
  await settle()
  return made
}

describe('the connection', () => {
  it('begins without a past, and goes on from where it broke', async () => {
    const { store: chat } = await online()
    expect(wire.auths).toEqual([{}])
    expect(chat.state).toMatchObject({
      loaded: true,
      link: 'online',
      position: { epoch: 1, seq: 100 },
    })
    created(105, {})
    wire.break()
    expect(chat.state.link).toBe('offline')
    wire.connect()
    expect(wire.auths.at(-1)).toEqual({ epoch: 1, since: 105 })
    wire.ready(120)
    expect(chat.state.link).toBe('online')
    // What was missed follows the greeting and is not taken for known.
    created(110, {})
    expect(chat.state.rooms[10]?.me?.unread).toBe(2)
    expect(chat.state.position?.seq).toBe(110)
  })

  it('begins anew on resync and in another epoch', async () => {
    const rooms = vi.spyOn(api, 'bootstrap')
    const { store: chat } = await online()
    wire.break()
    wire.connect()
    wire.tell('resync', { epoch: 1, seq: 500, message: 'too old' })
    wire.ready(500)
    await settle()
    expect(chat.state.position).toEqual({ epoch: 1, seq: 500 })
    wire.break()
    wire.connect()
    wire.ready(3, 2)
    await settle()
    expect(chat.state.position).toEqual({ epoch: 2, seq: 3 })
    expect(rooms).toHaveBeenCalledTimes(3)
  })

  it('comes back when the server closed it, with patience and jitter', async () => {
    await online()
    for (const _ of [1, 2, 3]) wire.break('io server disconnect')
    expect(timers.map((t) => t.ms)).toEqual([2_000])
    const before = wire.auths.length
    timers[0]?.then()
    expect(wire.auths).toHaveLength(before + 1)
  })

  it('tries at once when nudged', async () => {
    const made = await online()
    wire.break('io server disconnect')
    const disconnect = vi.spyOn(wire, 'disconnect')
    made.nudge()
    made.nudge()
    expect(wire.connected).toBe(true)
    // Only that ends the client library's own waiting; and waking up is told several times.
    expect(disconnect).toHaveBeenCalledTimes(1)
  })

  it('is asked whether it lives when the reader is back, and replaced when it does not answer', async () => {
    const made = await online()
    const connects = wire.auths.length
    made.nudge()
    made.nudge()
    expect(wire.acks.map(({ event, ms }) => [event, ms])).toEqual([['ping', 3_000]])
    wire.acks.shift()?.resolve({ ok: false, error: { code: 'not_found' } })
    await settle()
    expect(wire.auths).toHaveLength(connects)
    made.nudge()
    wire.acks.shift()?.reject(new Error('operation has timed out'))
    await settle()
    expect(wire.auths.slice(connects)).toEqual([{ epoch: 1, since: 100 }])
    expect(wire.connected).toBe(true)
  })

  it('ends with its session and does not come back', async () => {
    await online()
    wire.tell('session.revoked', { code: 'unauthenticated' })
    expect(signedOut).toHaveBeenCalledTimes(1)
    expect(timers).toEqual([])
  })

  it('ends when it is refused for want of a session, and waits for anything else', () => {
    client()
    const refused = (code: string) => Object.assign(new Error('x'), { data: { code } })
    wire.tell('connect_error', refused('unavailable'))
    expect(signedOut).not.toHaveBeenCalled()
    expect(timers).toHaveLength(1)
    wire.tell('connect_error', refused('unauthenticated'))
    expect(signedOut).toHaveBeenCalledTimes(1)
  })

  it('loads again when loading failed, and knows when that means the end', async () => {
    const failures = [new ApiError('offline', ''), new ApiError('unauthenticated', '', 401)]
    const made = client()
    vi.spyOn(api, 'bootstrap').mockImplementation(() =>
      Promise.reject(failures.shift() ?? new Error()),
    )
    wire.ready(100)
    await settle()
    expect(made.store.state.loaded).toBe(false)
    timers[0]?.then()
    await settle()
    expect(signedOut).toHaveBeenCalledTimes(1)
  })
})

describe('messages', () => {
  it('are shown at once, and stay once through a break', async () => {
    const made = await online()
    made.show({ room: 10 })
    made.load({ room: 10 })
    await settle()
    made.post(10, '안녕'.normalize('NFD'))
    expect(made.store.state.pending.map((p) => p.text)).toEqual(['안녕'])
    expect(wire.acks[0]?.body).toEqual({ room_id: 10, text: '안녕', client_id: 'id1' })
    wire.break()
    await settle()
    expect(made.store.state.pending).toHaveLength(1)
    wire.connect()
    wire.ready(101)
    await settle()
    expect(wire.acks[0]?.body.client_id).toBe('id1')
    // The first try had come through: the event, then the acknowledgement of the second.
    const mine = { author: me, client_id: 'id1', text: '안녕' }
    created(101, mine)
    wire.acks[0]?.resolve({ ok: true, created: false, message: message(1010, mine) })
    await settle()
    const { pending, timelines } = made.store.state
    expect(pending).toEqual([])
    expect(timelines['room 10']?.messages.map((m) => m.id)).toEqual([1, 2, 3, 1010])
    expect(store.size).toBe(0)
  })

  it('written offline go out in order when the line is back, also after a reload', async () => {
    const before = await online()
    wire.break()
    before.post(10, '하나')
    before.post(10, '둘')
    await settle()
    before.close()
    const after = client()
    expect(after.store.state.pending.map((p) => p.text)).toEqual(['하나', '둘'])
    wire.ready(100)
    await settle()
    expect(wire.acks).toHaveLength(1)
    wire.acks[0]?.resolve({ ok: true, message: message(200, { author: me, client_id: 'id1' }) })
    await settle()
    expect(wire.acks.map((a) => a.body.client_id)).toEqual(['id1', 'id2'])
  })

  it('are tried again later when the server only reads', async () => {
    const made = await online()
    made.post(10, '안녕')
    wire.acks.shift()?.resolve({ ok: false, error: { code: 'read_only', message: '' } })
    await settle()
    expect(made.store.state.pending[0]?.error).toBeUndefined()
    timers.at(-1)?.then()
    await settle()
    expect(wire.acks).toHaveLength(1)
  })
})

describe('a room', () => {
  const unread = {
    role: 'member' as const,
    last_read_id: 7,
    unread: 300,
    mentions: 0,
    notifications: 'all' as const,
  }

  it('opens where reading stopped when much is unread', async () => {
    const rooms = [room({ me: unread, last_message: message(400) })]
    api.bootstrap = () => Promise.resolve({ me, rooms, server: { limits }, settings: {} })
    const messages = vi.fn(() => Promise.resolve(page([6, 7, 8], true, true)))
    api.messages = messages
    const made = await online()
    made.show({ room: 10 })
    made.load({ room: 10 })
    await settle()
    expect(messages).toHaveBeenCalledWith(10, { limit: 50, around: 7 })
    expect(made.store.state.timelines['room 10']?.place.line).toBe(7)
  })

  it('that could not be loaded is loaded when the line is back', async () => {
    const messages = vi.fn().mockRejectedValueOnce(new ApiError('offline', ''))
    api.messages = messages
    const made = await online()
    made.show({ room: 10 })
    made.load({ room: 10 })
    await settle()
    expect(made.store.state.problems['room 10']).toBe('offline')
    messages.mockResolvedValue(history)
    wire.break()
    wire.connect()
    wire.ready(100)
    await settle()
    expect(made.store.state.problems).toEqual({})
    expect(made.store.state.timelines['room 10']?.messages).toHaveLength(3)
  })

  it('that is not known yet is asked for, and that it is not there is said once known', async () => {
    const one = vi.fn().mockRejectedValue(new ApiError('not_found', '', 404))
    api.room = one
    const made = await online()
    made.show({ room: 11 })
    made.load({ room: 11 })
    await settle()
    expect(made.store.state.problems['room 11']).toBe('not_found')
    one.mockResolvedValue(room({ id: 12, kind: 'direct' }))
    made.show({ room: 12 })
    made.load({ room: 12 })
    await settle()
    expect(made.store.state.rooms[12]?.kind).toBe('direct')
    expect(made.store.state.problems['room 12']).toBeUndefined()
  })

  it('is there at once when one comes back, and held live meanwhile', async () => {
    const messages = vi.spyOn(api, 'messages')
    const made = await online()
    made.show({ room: 10 })
    made.load({ room: 10 })
    await settle()
    made.hide({ room: 10 })
    created(101, {})
    made.show({ room: 10 })
    made.load({ room: 10 })
    await settle()
    expect(messages).toHaveBeenCalledTimes(1)
    const line = made.store.state.timelines['room 10']
    expect(line?.messages.map((m) => m.id)).toEqual([1, 2, 3, 1010])
    expect(line?.place.line).toBe(0)
  })

  it('shows what was wanted last, whatever answer comes last', async () => {
    const answers: ((page: MessagePage) => void)[] = []
    api.messages = () => new Promise((resolve) => answers.push(resolve))
    const made = await online()
    made.show({ room: 10 })
    made.load({ room: 10 })
    made.load({ room: 10 }, 2)
    await settle()
    answers[1]?.(page([1, 2, 3], false, true))
    answers[0]?.(page([7, 8, 9], true))
    await settle()
    expect(made.store.state.timelines['room 10']?.messages.map((m) => m.id)).toEqual([1, 2, 3])
  })

  it('goes to the newest when one writes from somewhere in the past', async () => {
    history = page([1, 2, 3], false, true)
    const messages = vi.spyOn(api, 'messages')
    const made = await online()
    made.show({ room: 10 })
    made.load({ room: 10 }, 2)
    await settle()
    expect(messages.mock.calls).toEqual([[10, { limit: 50, around: 2 }]])
    history = page([7, 8, 9], true)
    made.post(10, '안녕')
    await settle()
    expect(messages).toHaveBeenLastCalledWith(10, { limit: 50 })
    const line = made.store.state.timelines['room 10']
    expect(line?.place.follow).toBe(true)
    expect(line?.messages.map((m) => m.id)).toEqual([7, 8, 9])
  })
})

describe('reading', () => {
  const end = { bottom: undefined, atEnd: true, awake: true }
  const told = () => wire.acks.filter((a) => a.event === 'read').map((a) => a.body)

  it('is told once, and only of what is new', async () => {
    const made = await online()
    made.show({ room: 10 })
    made.load({ room: 10 })
    await settle()
    created(101, {})
    made.look({ room: 10 }, end)
    made.look({ room: 10 }, end)
    expect(told()).toEqual([{ room_id: 10, message_id: 1010 }])
    wire.acks.shift()?.resolve({ ok: true, room_id: 10, last_read_id: 1010 })
    await settle()
    made.look({ room: 10 }, end)
    expect(told()).toEqual([])
  })

  it('is told again after a break that swallowed it', async () => {
    const made = await online()
    made.show({ room: 10 })
    made.load({ room: 10 })
    await settle()
    created(101, {})
    made.look({ room: 10 }, end)
    wire.break()
    await settle()
    wire.connect()
    wire.ready(101)
    await settle()
    expect(told()).toEqual([{ room_id: 10, message_id: 1010 }])
  })

  it('does not happen while nobody looks', async () => {
    const made = await online()
    made.show({ room: 10 })
    made.load({ room: 10 })
    await settle()
    made.awake(false)
    created(101, {})
    made.look({ room: 10 }, { ...end, awake: false })
    expect(told()).toEqual([])
    expect(made.store.state.rooms[10]?.me?.unread).toBe(1)
  })

  it('of what one watches needs no badge in between', async () => {
    const made = await online()
    made.show({ room: 10 })
    made.load({ room: 10 })
    await settle()
    created(101, {})
    expect(made.store.state.rooms[10]?.me).toMatchObject({ unread: 0, last_read_id: 1010 })
    expect(made.store.state.timelines['room 10']?.place.line).toBeNull()
    made.look({ room: 10 }, end)
    expect(told()).toHaveLength(1)
  })
})
