import { describe, expect, it } from 'vitest'
import type { LiveEvent } from './events'
import { me, message, other, page, room } from './fixtures'
import { empty, type State } from './model'
import { reduce, type Action } from './reducer'

const run = (state: State, ...actions: Action[]) => actions.reduce(reduce, state)

const start = run(
  empty,
  { type: 'signed_in', me, pending: [] },
  { type: 'began', position: { epoch: 7, seq: 100 } },
  { type: 'rooms', rooms: [room()], asked: 100 },
)
const opened = run(start, {
  type: 'page',
  room: 10,
  page: page([1, 2, 3]),
  where: 'latest',
  asked: 100,
})

type Told = LiveEvent extends infer E ? (E extends LiveEvent ? Omit<E, 'seq'> : never) : never
const event = (seq: number, told: Told): Action => ({
  type: 'event',
  event: { seq, ...told },
})
const created = (seq: number, id: number, more = {}): Action =>
  event(seq, { type: 'message.created', room_id: 10, message: message(id, more) })
const ids = (state: State) => state.timelines['room 10']?.messages.map((m) => m.id)

describe('events', () => {
  it('count once: what is not after the position changes nothing', () => {
    const once = run(opened, created(101, 4))
    const again = run(once, created(101, 4), created(100, 5))
    expect(again).toBe(once)
    expect(once.rooms[10]?.me?.unread).toBe(1)
    expect(once.position).toEqual({ epoch: 7, seq: 101 })
  })

  it('count nothing before there is a position', () => {
    const state = run(empty, { type: 'signed_in', me, pending: [] })
    expect(run(state, created(1, 4))).toBe(state)
  })

  it('add a message at the end, and edits, deletions, reactions and pins where it stands', () => {
    const state = run(
      opened,
      created(101, 4),
      event(102, { type: 'message.updated', room_id: 10, message: message(2, { text: '고침' }) }),
      event(103, {
        type: 'message.deleted',
        room_id: 10,
        message: message(3, { deleted: true, text: '' }),
      }),
      event(104, { type: 'reaction.added', room_id: 10, message_id: 1, emoji: '👍', user_id: 2 }),
      event(105, { type: 'reaction.added', room_id: 10, message_id: 1, emoji: '👍', user_id: 1 }),
      event(106, { type: 'reaction.removed', room_id: 10, message_id: 1, emoji: '👍', user_id: 2 }),
      event(107, { type: 'pin.added', room_id: 10, message_id: 4, user_id: 2 }),
    )
    const [a, b, c, d] = state.timelines['room 10']?.messages ?? []
    expect(ids(state)).toEqual([1, 2, 3, 4])
    expect(a?.reactions).toEqual([{ emoji: '👍', user_ids: [1] }])
    expect(b?.text).toBe('고침')
    expect(c?.deleted).toBe(true)
    expect(d?.pinned).toBe(true)
  })

  it('count what is unread and who is named, and not what one says oneself', () => {
    const named = run(opened, created(101, 4, { mentions: [me.id] }), created(102, 5))
    expect(named.rooms[10]?.me).toMatchObject({ unread: 2, mentions: 1 })
    const said = run(named, created(103, 6, { author: me }))
    expect(said.rooms[10]?.me).toMatchObject({ unread: 0, mentions: 0, last_read_id: 6 })
  })

  it('move reading forward only', () => {
    const state = run(opened, created(101, 4), created(102, 5))
    const read = (seq: number, id: number) =>
      event(seq, { type: 'read.moved', room_id: 10, user_id: me.id, message_id: id })
    const some = run(state, read(103, 4))
    expect(some.rooms[10]?.me).toMatchObject({ last_read_id: 4, unread: 1 })
    expect(run(some, read(104, 2)).rooms[10]?.me?.last_read_id).toBe(4)
    expect(run(some, read(104, 5)).rooms[10]?.me?.unread).toBe(0)
  })

  it('keep the own side of a room that is told without it', () => {
    const told = room({ topic: '새 이야기' })
    delete told.me
    const state = run(start, event(101, { type: 'room.updated', room_id: 10, room: told }))
    expect(state.rooms[10]).toMatchObject({ topic: '새 이야기', me: { role: 'member' } })
  })

  it('take a room away when it is left or deleted', () => {
    const left = event(101, { type: 'member.left', room_id: 10, user_id: me.id })
    expect(run(opened, left).rooms[10]).toBeUndefined()
    expect(run(opened, left).timelines['room 10']).toBeUndefined()
    const others = event(101, { type: 'member.left', room_id: 10, user_id: other.id })
    expect(run(opened, others).rooms[10]?.member_count).toBe(1)
    const gone = event(101, { type: 'room.deleted', room_id: 10 })
    expect(run(opened, gone).rooms[10]).toBeUndefined()
  })

  it('bring a room when one is let in', () => {
    const fresh = room({ id: 11, kind: 'private' })
    delete fresh.me
    const state = run(
      start,
      event(101, { type: 'member.joined', room_id: 11, user_id: me.id, user: me, room: fresh }),
    )
    expect(state.rooms[11]?.me?.role).toBe('member')
  })
})

describe('pages', () => {
  it('join on to the window without holes or doubles', () => {
    const around = run(start, {
      type: 'page',
      room: 10,
      page: page([5, 6, 7], true, true),
      where: 'around',
      asked: 100,
    })
    const state = run(
      around,
      { type: 'page', room: 10, page: page([3, 4, 5]), where: 'before', asked: 100, from: 5 },
      { type: 'page', room: 10, page: page([8, 9]), where: 'after', asked: 100, from: 7 },
    )
    expect(ids(state)).toEqual([3, 4, 5, 6, 7, 8, 9])
    expect(state.timelines['room 10']).toMatchObject({ moreBefore: false, moreAfter: false })
  })

  it('are let go when the window has moved meanwhile', () => {
    const late: Action = {
      type: 'page',
      room: 10,
      page: page([50, 51]),
      where: 'before',
      asked: 100,
      from: 52,
    }
    expect(run(opened, late)).toBe(opened)
  })

  it('get the events that were heard while they were on their way', () => {
    const edited = message(2, { text: '고침' })
    const state = run(
      opened,
      event(101, { type: 'message.updated', room_id: 10, message: edited }),
      created(102, 4),
      // Read before either event, answered after both.
      { type: 'page', room: 10, page: page([1, 2, 3]), where: 'latest', asked: 100 },
    )
    expect(ids(state)).toEqual([1, 2, 3, 4])
    expect(state.timelines['room 10']?.messages[1]?.text).toBe('고침')
  })

  it('leave a live message to paging while the end is not in the window', () => {
    const away = run(start, {
      type: 'page',
      room: 10,
      page: page([1, 2], false, true),
      where: 'around',
      asked: 100,
    })
    const state = run(away, created(101, 9))
    expect(ids(state)).toEqual([1, 2])
    expect(state.rooms[10]?.me?.unread).toBe(1)
  })

  it('never grow without end', () => {
    let state = opened
    for (let n = 0; n < 600; n++) state = run(state, created(101 + n, 10 + n))
    const messages = ids(state) ?? []
    expect(messages.length).toBeLessThanOrEqual(400)
    expect(messages.at(-1)).toBe(609)
    expect(state.timelines['room 10']?.moreBefore).toBe(true)
  })
})

it('a list of rooms that comes late does not undo what was heard since', () => {
  const state = run(
    start,
    created(101, 4),
    // The answer knows message 4 already: it is not counted twice.
    {
      type: 'rooms',
      rooms: [
        room({
          last_message: message(4),
          me: { role: 'member', last_read_id: 0, unread: 1, mentions: 0, notifications: 'all' },
        }),
      ],
      asked: 100,
    },
  )
  expect(state.rooms[10]?.me?.unread).toBe(1)
  // This one does not.
  const stale = run(state, created(102, 5), {
    type: 'rooms',
    rooms: [room({ last_message: message(4) })],
    asked: 101,
  })
  expect(stale.rooms[10]?.me?.unread).toBe(1)
  expect(stale.rooms[10]?.last_message?.id).toBe(5)
})

describe('own messages', () => {
  const pending = { client_id: 'a', room_id: 10, text: '안녕', sent_at: '2026-11-22T00:00:00Z' }
  const mine = { author: me, client_id: 'a', text: '안녕' }
  const queued = run(opened, { type: 'queued', pending })

  it('are confirmed by the acknowledgement and the event in either order, once', () => {
    const confirmed: Action = { type: 'confirmed', message: message(4, mine) }
    for (const order of [
      [confirmed, created(101, 4, mine)],
      [created(101, 4, mine), confirmed],
    ]) {
      const state = run(queued, ...order)
      expect(state.pending).toEqual([])
      expect(ids(state)).toEqual([1, 2, 3, 4])
    }
  })

  it('are marked when refused, and can be sent again or given up', () => {
    const failed = run(queued, { type: 'failed', client_id: 'a', error: 'not_a_member' })
    expect(failed.pending[0]?.error).toBe('not_a_member')
    expect(run(failed, { type: 'retried', client_id: 'a' }).pending).toEqual([pending])
    expect(run(failed, { type: 'dropped', client_id: 'a' }).pending).toEqual([])
  })

  it('survive a connection that begins anew', () => {
    const anew = run(queued, { type: 'began', position: { epoch: 8, seq: 5 } })
    expect(anew.pending).toEqual([pending])
    expect(anew.timelines).toEqual({})
    expect(anew.loaded).toBe(false)
  })
})

it('typing ends with the message', () => {
  const typing = run(opened, { type: 'typing', room: 10, user: 2, until: 9e15 })
  expect(run(typing, created(101, 4)).typing[10]).toEqual({})
})

describe('people', () => {
  it('are known by what they say, and renamed once they are known', () => {
    const kim = { ...other, id: 7, display_name: '김민수' }
    const renamed = (seq: number, user: typeof other): Action =>
      event(seq, { type: 'user.updated', user_id: user.id, user })
    const before = run(opened, renamed(101, { ...kim, display_name: '모르는 이' }))
    expect(before.users[7]).toBeUndefined()
    const known = run(before, created(102, 4, { author: kim }))
    expect(known.users[7]?.display_name).toBe('김민수')
    const after = run(known, renamed(103, { ...kim, display_name: '김영수' }))
    expect(after.users[7]?.display_name).toBe('김영수')
    // What is shown hangs on this: it stays the same thing while nobody is new.
    expect(run(after, created(104, 5, { author: other })).users).toBe(after.users)
  })
})

it('a direct room is called as its people are called now', () => {
  const direct = room({ id: 11, name: '', kind: 'direct', members: [me, other] })
  const state = run(start, { type: 'room', room: direct, asked: 100 })
  const renamed = { ...other, display_name: '이순희' }
  const next = run(state, event(101, { type: 'user.updated', user_id: other.id, user: renamed }))
  expect(next.rooms[11]?.members?.map((user) => user.display_name)).toEqual(['김철수', '이순희'])
  expect(next.rooms[10]).toBe(state.rooms[10])
})

describe('threads', () => {
  it('keep replies out of the room unless they stand there, too', () => {
    const reply = { reply_to: 2 }
    const next = run(
      opened,
      created(101, 4, reply),
      created(102, 5, { ...reply, also_in_room: true }),
    )
    expect(next.timelines['room 10']?.messages.map(({ id }) => id)).toEqual([1, 2, 3, 5])
  })

  it('count what others say in those that one follows', () => {
    const reply = { reply_to: 2 }
    const follows = { 2: { following: true, unread: 0 } }
    const known = run(opened, { type: 'follows', follows })
    expect(run(known, created(101, 4, reply)).follows[2]?.unread).toBe(1)
    expect(run(opened, created(101, 4, reply)).follows[2]).toBeUndefined()
    const named = run(opened, created(101, 4, { ...reply, mentions: [me.id] }))
    expect(named.follows[2]).toEqual({ following: true, unread: 1 })
    const mine = run(known, created(101, 4, reply), created(102, 5, { ...reply, author: me }))
    expect(mine.follows[2]?.unread).toBe(0)
  })

  it('count replies once, and those that are deleted no more', () => {
    const reply = { reply_to: 2, sent_at: '2026-11-22T01:00:00Z' }
    const later = { ...reply, sent_at: '2026-11-22T02:00:00Z' }
    const count = (state: State) => state.timelines['room 10']?.messages[1]?.thread?.count
    const two = run(opened, created(101, 4, reply), created(102, 5, later))
    expect(count(two)).toBe(2)
    const again = run(two, { type: 'confirmed', message: message(5, later) })
    expect(count(again)).toBe(2)
    const thread = { count: 1, last_at: reply.sent_at }
    const gone = (seq: number) =>
      event(seq, { type: 'thread.updated', room_id: 10, message_id: 2, thread })
    expect(count(run(again, gone(103), gone(104)))).toBe(1)
    const none = event(105, { type: 'thread.updated', room_id: 10, message_id: 2 })
    expect(count(run(again, none))).toBeUndefined()
  })
})
