import { beforeEach, expect, it, vi } from 'vitest'
import { ApiError } from './api'
import { Loader } from './loader'

let timers: { ms: number; then: () => void }[]
let problems: (string | null)[]
let loader: Loader
const settle = () => new Promise((resolve) => setImmediate(resolve))

beforeEach(() => {
  timers = []
  problems = []
  loader = new Loader((_key, code) => problems.push(code), {
    after: (ms, then) => {
      const timer = { ms, then }
      timers.push(timer)
      return () => (timers = timers.filter((t) => t !== timer))
    },
    random: () => 0.5,
  })
})

const offline = new ApiError('offline', '')

it('tries again with growing patience, and at once when the line is back', async () => {
  const load = vi.fn().mockRejectedValue(offline)
  loader.want('room 10', 'latest', load)
  await settle()
  expect(problems.at(-1)).toBe('offline')
  expect(timers.map((t) => t.ms)).toEqual([1_000])
  timers.pop()?.then()
  await settle()
  expect(timers.map((t) => t.ms)).toEqual([2_000])
  load.mockResolvedValue(undefined)
  loader.again()
  await settle()
  expect(load).toHaveBeenCalledTimes(3)
  expect(timers).toEqual([])
  expect(problems.at(-1)).toBeNull()
  loader.again()
  expect(load).toHaveBeenCalledTimes(3)
})

it('does not ask again for what is not there', async () => {
  const load = vi.fn().mockRejectedValue(new ApiError('not_found', '', 404))
  loader.want('room 10', 'latest', load)
  await settle()
  expect(problems.at(-1)).toBe('not_found')
  expect(timers).toEqual([])
})

it('wants the same thing once, and another in its place', async () => {
  const load = vi.fn(() => new Promise<void>(() => undefined))
  loader.want('room 10', 'latest', load)
  loader.want('room 10', 'latest', load)
  expect(load).toHaveBeenCalledTimes(1)
  const other = vi.fn().mockResolvedValue(undefined)
  loader.want('room 10', 'around 5', other)
  await settle()
  expect(other).toHaveBeenCalledTimes(1)
})

it('lets go of what is not wanted any more', async () => {
  const load = vi.fn().mockRejectedValue(offline)
  loader.want('room 10', 'latest', load)
  await settle()
  loader.forget('room 10')
  expect(timers).toEqual([])
  expect(problems.at(-1)).toBeNull()
})
