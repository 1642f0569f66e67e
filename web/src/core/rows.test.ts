import { describe, expect, it } from 'vitest'
import { me, message, page } from './fixtures'
import type { Pending, Timeline } from './model'
import { rows, rowsOf, waitingIn, type Row } from './rows'
import { withPage } from './timeline'
import { empty } from './model'

const mine = { author: me }
const minute = (n: number) => `2026-11-22T00:${String(n).padStart(2, '0')}:00Z`

function line(messages: Timeline['messages'], more: Partial<Timeline> = {}): Timeline {
  const fresh = withPage(undefined, { ...page([]), messages }, 'latest', { room: 10 })
  return { ...fresh, ...more }
}
const pending = (id: string, more: Partial<Pending> = {}): Pending => ({
  client_id: id,
  room_id: 10,
  text: id,
  sent_at: minute(5),
  ...more,
})
const shape = (list: Row[]) =>
  list.map((row) =>
    row.kind === 'message' ? `${row.key}${row.follows ? ' follows' : ''}` : row.kind,
  )
const at = (place: number | null) => ({
  place: { follow: true, line: place, held: false, anchor: null },
})

describe('rows', () => {
  it('begin each day, and join what one person says within five minutes', () => {
    const list = rows(
      line([
        message(1, { sent_at: minute(0) }),
        message(2, { sent_at: minute(4) }),
        message(3, { sent_at: minute(10) }),
        message(4, { ...mine, sent_at: minute(10) }),
        message(5, { ...mine, sent_at: minute(11), reply_to: 1 }),
        message(6, { sent_at: '2026-11-23T12:00:00Z' }),
      ]),
      [],
      me,
    )
    expect(shape(list)).toEqual(['day', '1', '2 follows', '3', '4', '5', 'day', '6'])
  })

  it('of a thread keep the answers apart from what they answer', () => {
    const reply = (id: number) => message(id, { sent_at: minute(id), reply_to: 1 })
    const messages = [message(1, { sent_at: minute(1) }), reply(2), reply(3)]
    expect(shape(rows(line(messages, { root: 1 }), [], me))).toEqual(['day', '1', '2', '3 follows'])
  })

  it('have the unread line before the first message of somebody else that is unread', () => {
    const messages = [message(1), message(2, mine), message(3), message(4)]
    expect(shape(rows(line(messages, at(1)), [], me))).toEqual([
      'day',
      '1',
      '2',
      'unread',
      '3',
      '4 follows',
    ])
    expect(shape(rows(line(messages, at(4)), [], me))).not.toContain('unread')
    expect(shape(rows(line(messages, at(null)), [], me))).not.toContain('unread')
    // Nobody knows what stands before the window.
    const cut = line([message(3), message(4)], { ...at(1), moreBefore: true })
    expect(shape(rows(cut, [], me))).not.toContain('unread')
    expect(shape(rows(line([message(3)], at(0)), [], me))).toEqual(['day', 'unread', '3'])
  })

  it('keep key, place and name of a message when the server confirms it', () => {
    const before = line([message(1, { ...mine, sent_at: minute(4) })])
    const sent = message(2, { ...mine, client_id: 'a', sent_at: minute(5) })
    const after = line([...before.messages, sent])
    expect(shape(rows(before, [pending('a')], me))).toEqual(['day', '1', 'a follows'])
    expect(shape(rows(after, [], me))).toEqual(['day', '1', 'a follows'])
  })

  it('show what is on its way also beside a past that goes on', () => {
    const past = line([message(1)], { moreAfter: true })
    expect(shape(rows(past, [pending('a'), pending('b')], me))).toEqual([
      'day',
      '1',
      'gap',
      'day',
      'a',
      'b follows',
    ])
  })

  it('have keys of their own even when a clock was set back over midnight', () => {
    const list = rows(
      line([
        message(1, { sent_at: '2026-11-22T12:00:00Z' }),
        message(2, { sent_at: '2026-11-24T12:00:00Z' }),
        message(3, { sent_at: '2026-11-22T12:00:00Z' }),
      ]),
      [],
      me,
    )
    expect(new Set(list.map((row) => row.key)).size).toBe(list.length)
  })

  it('are the same list as long as nothing of theirs changes', () => {
    const state = { ...empty, me, timelines: { 'room 10': line([message(1)]) } }
    const first = rowsOf(state, 'room 10')
    expect(rowsOf({ ...state, link: 'online' }, 'room 10')).toBe(first)
    expect(rowsOf({ ...state, pending: [pending('a')] }, 'room 10')).toHaveLength(3)
  })
})

it('a thread waits for its own answers, the room for what stands in it', () => {
  const waiting = [pending('a'), pending('b', { reply_to: 1 }), pending('c', { room_id: 11 })]
  const ids = (root: number | undefined) =>
    waitingIn({ room: 10, root }, waiting).map((p) => p.client_id)
  expect(ids(undefined)).toEqual(['a'])
  expect(ids(1)).toEqual(['b'])
})
