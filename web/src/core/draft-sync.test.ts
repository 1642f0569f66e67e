import { beforeEach, expect, it } from 'vitest'
import { DraftSync } from './draft-sync'
import { Drafts } from './drafts'

let told: { room_id: number; thread_id?: number | undefined; text: string }[]
let kept: { room_id: number; text: string; updated_at: string }[]
let timers: (() => void)[]
let drafts: Drafts

function sync() {
  const store = new Map<string, string>()
  drafts = new Drafts(
    {
      get length() {
        return store.size
      },
      key: (n) => [...store.keys()][n] ?? null,
      getItem: (key) => store.get(key) ?? null,
      setItem: (key, value) => void store.set(key, value),
      removeItem: (key) => void store.delete(key),
    },
    1,
    () => 'id',
  )
  const api = {
    drafts: () => Promise.resolve({ drafts: kept }),
    keepDraft: (draft: (typeof told)[number]) => {
      told.push(draft)
      return Promise.resolve()
    },
  }
  return new DraftSync(drafts, api, {
    after: (_, then) => {
      timers.push(then)
      return () => (timers = timers.filter((one) => one !== then))
    },
    random: () => 0,
  })
}

beforeEach(() => {
  told = []
  kept = []
  timers = []
})

it('is told when typing rests, and its end too', () => {
  sync()
  drafts.keep('room.7', '가')
  drafts.keep('room.7', '가나')
  drafts.keep('thread.7.9', '답')
  drafts.keep('edit.3', '고침')
  for (const then of timers.splice(0)) then()
  expect(told).toEqual([
    { room_id: 7, text: '가나' },
    { room_id: 7, thread_id: 9, text: '답' },
  ])
  drafts.forget('room.7')
  timers[0]?.()
  expect(told.at(-1)).toEqual({ room_id: 7, text: '' })
})

it('learns what was begun elsewhere, but not over what stands here', async () => {
  const s = sync()
  drafts.keep('room.7', '여기')
  kept = [7, 8].map((room_id) => ({ room_id, text: '저기', updated_at: '' }))
  await s.begin()
  expect([drafts.read('room.7')?.text, drafts.read('room.8')?.text]).toEqual(['여기', '저기'])
})

it('its own echo changes nothing, another device does', () => {
  const s = sync()
  drafts.keep('room.7', '하나')
  timers.splice(0)[0]?.()
  drafts.keep('room.7', '하나 둘')
  s.heard({ room_id: 7, text: '하나' })
  expect(drafts.read('room.7')?.text).toBe('하나 둘')
  timers.splice(0)[0]?.()
  s.heard({ room_id: 7, text: '저기서 고침' })
  expect(drafts.read('room.7')?.text).toBe('저기서 고침')
  s.heard({ room_id: 7, text: '' })
  expect(drafts.read('room.7')).toBeNull()
  expect(timers).toEqual([])
})
