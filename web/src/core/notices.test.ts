import { expect, it } from 'vitest'
import { me, message, other, room } from './fixtures'
import { empty, type State } from './model'
import { noticeOf, type Windows } from './notices'
import { defaults, isQuiet, type Settings } from './settings'

const away: Windows = { here: false, reading: () => false }
const noon = new Date(2026, 10, 22, 12)
const rooms = {
  10: room(),
  11: room({ id: 11, kind: 'direct', name: '', members: [me, other] }),
}
const state: State = { ...empty, me, rooms }

function told(more: {
  room?: number
  mentions?: number[]
  author?: typeof me
  text?: string
  settings?: Partial<Settings>
  windows?: Windows
  state?: State
  now?: Date
}) {
  const { mentions = [], author = other, windows = away, now = noon } = more
  const { text = '글 5' } = more
  const said = message(5, { mentions, author, text })
  const event = {
    type: 'message.created',
    seq: 1,
    room_id: more.room ?? 10,
    message: said,
  } as const
  return noticeOf(more.state ?? state, event, { ...defaults, ...more.settings }, windows, now)
}

it('names the room, who spoke and what was said; texts can be private', () => {
  expect(told({})).toEqual({ room: 10, message: 5, where: '마당', who: '이영희', text: '글 5' })
  expect(told({ room: 11 })).toMatchObject({ where: '' })
  expect(told({ settings: { notify_text: 'hide' } })?.text).toBeUndefined()
  // As words, and what hides stays hidden.
  expect(told({ text: '**세 시**에\n- 범인은 ||집사||' })?.text).toBe('세 시에 범인은 ▒▒')
})

it('says nothing of oneself, of strange rooms and of quiet ones', () => {
  expect(told({ author: me })).toBeNull()
  expect(told({ room: 99 })).toBeNull()
  const level = (notifications: 'mentions' | 'none'): State => ({
    ...state,
    rooms: {
      10: room({ me: { role: 'member', last_read_id: 0, unread: 0, mentions: 0, notifications } }),
    },
  })
  expect(told({ state: level('none'), mentions: [1] })).toBeNull()
  expect(told({ state: level('mentions') })).toBeNull()
  expect(told({ state: level('mentions'), mentions: [1] })).not.toBeNull()
})

it('follows what is wanted at most', () => {
  expect(told({ settings: { notify: 'mentions' } })).toBeNull()
  expect(told({ settings: { notify: 'mentions' }, mentions: [1] })).not.toBeNull()
  expect(told({ settings: { notify: 'mentions' }, room: 11 })).not.toBeNull()
  expect(told({ settings: { notify: 'none' }, room: 11, mentions: [1] })).toBeNull()
})

it('says nothing about the room that is read, and only what is wanted to who is here', () => {
  const reading: Windows = { here: true, reading: (id) => id === 10 }
  expect(told({ windows: reading, settings: { notify_when: 'always' } })).toBeNull()
  expect(told({ windows: reading, room: 11 })).toBeNull()
  expect(told({ windows: reading, room: 11, settings: { notify_when: 'always' } })).not.toBeNull()
})

it('is silent in quiet hours, also over midnight', () => {
  const night: Settings = { ...defaults, quiet: 'on' }
  const at = (hour: number, minute = 0) => isQuiet(night, new Date(2026, 10, 22, hour, minute))
  expect([at(21, 59), at(22), at(3), at(7, 59), at(8)]).toEqual([false, true, true, true, false])
  const day: Settings = { ...night, quiet_from: '12:00', quiet_to: '13:00' }
  expect(isQuiet(day, noon)).toBe(true)
  expect(told({ settings: { quiet: 'on' }, now: new Date(2026, 10, 22, 23) })).toBeNull()
})
