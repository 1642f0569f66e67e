import { beforeEach, expect, it, vi } from 'vitest'
import { SettingsStore } from './settings'
import { SettingsSync } from './settings-sync'

let timers: (() => void)[]
let kept: Map<string, string>
const settle = () => new Promise((resolve) => setImmediate(resolve))
const run = async () => {
  for (const then of timers.splice(0)) then()
  await settle()
}

function open(send: (patch: object) => Promise<unknown>) {
  const store = new SettingsStore({
    read: () => null,
    write: () => undefined,
    watch: () => undefined,
  })
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  }
  const clock = {
    after: (_: number, then: () => void) => {
      timers.push(then)
      return () => (timers = timers.filter((one) => one !== then))
    },
    random: () => 0.5,
  }
  return { store, sync: new SettingsSync(store, send, storage, clock) }
}

beforeEach(() => {
  timers = []
  kept = new Map()
})

it('sends what was changed, several changes at once', async () => {
  const send = vi.fn(() => Promise.resolve())
  const { store } = open(send)
  store.set({ theme: 'dark' })
  store.set({ density: 'compact' })
  await run()
  expect(send.mock.calls).toEqual([[{ theme: 'dark', density: 'compact' }]])
  expect(kept.size).toBe(0)
})

it('keeps what could not be sent, over a reload, and it counts meanwhile', async () => {
  const { store, sync } = open(() => Promise.reject(new Error('offline')))
  store.set({ theme: 'dark' })
  await run()
  sync.heard({ theme: 'light', language: 'en' })
  expect(store.value).toMatchObject({ theme: 'dark', language: 'en' })
  sync.close()
  timers = []
  const send = vi.fn(() => Promise.resolve())
  open(send)
  await run()
  expect(send.mock.calls).toEqual([[{ theme: 'dark' }]])
})

it('sends what was changed while something was on its way', async () => {
  let arrive: () => void = () => undefined
  const send = vi.fn(() => new Promise<void>((done) => (arrive = done)))
  const { store } = open(send)
  store.set({ theme: 'dark', enter: 'newline' })
  await run()
  store.set({ theme: 'light' })
  arrive()
  await settle()
  await run()
  expect(send.mock.calls.at(-1)).toEqual([{ theme: 'light' }])
})

it('what another device changed is taken over', () => {
  const { store, sync } = open(() => Promise.resolve())
  sync.heard({ theme: 'contrast', future: 1 })
  expect(store.value.theme).toBe('contrast')
  sync.heard({ quiet_from: '25:00', quiet: 'on' })
  expect(store.value).toMatchObject({ quiet_from: '22:00', quiet: 'on' })
})
