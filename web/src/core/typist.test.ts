import { beforeEach, expect, it } from 'vitest'
import { Typist } from './typist'

let now: number
let told: [at: number, room: number, stopped: boolean][]
let timers: { at: number; then: () => void }[]
let typist: Typist

function pass(ms: number): void {
  const until = now + ms
  for (const timer of [...timers].sort((a, b) => a.at - b.at)) {
    if (timer.at > until || !timers.includes(timer)) continue
    timers = timers.filter((t) => t !== timer)
    now = timer.at
    timer.then()
  }
  now = until
}

beforeEach(() => {
  now = 0
  told = []
  timers = []
  const clock = {
    after: (ms: number, then: () => void) => {
      const timer = { at: now + ms, then }
      timers.push(timer)
      return () => (timers = timers.filter((t) => t !== timer))
    },
    random: () => 0.5,
  }
  typist = new Typist(
    (room, stopped) => told.push([now, room, stopped]),
    () => now,
    clock,
  )
})

it('is told now and then, not with every key', () => {
  for (let n = 0; n < 40; n++) {
    typist.typed(10)
    pass(100)
  }
  expect(told).toEqual([
    [0, 10, false],
    [3_000, 10, false],
  ])
})

it('is told again right after a send, but never closer than the server hears', () => {
  typist.typed(10)
  pass(200)
  typist.posted()
  typist.typed(10)
  typist.typed(10)
  pass(1_000)
  expect(told).toEqual([
    [0, 10, false],
    [600, 10, false],
  ])
})

it('waits for nothing when the next message is out as well', () => {
  typist.typed(10)
  typist.posted()
  typist.typed(10)
  typist.posted()
  pass(5_000)
  expect(told).toHaveLength(1)
})

it('ends at once when the field is emptied', () => {
  typist.typed(10)
  pass(100)
  typist.stopped()
  typist.stopped()
  expect(told).toEqual([
    [0, 10, false],
    [100, 10, true],
  ])
})
