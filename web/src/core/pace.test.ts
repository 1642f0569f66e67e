import { beforeEach, expect, it, vi } from 'vitest'
import { Pace } from './pace'

let now: number
let frames: (() => void)[]
let timers: { at: number; then: () => void }[]
let pace: Pace
const told = vi.fn()
const drop = <T>(list: T[], one: T) => list.splice(list.indexOf(one), 1)

function frame(): void {
  now += 16
  for (const timer of timers.filter((t) => t.at <= now)) {
    drop(timers, timer)
    timer.then()
  }
  for (const then of frames.splice(0)) then()
}

beforeEach(() => {
  now = 0
  frames = []
  timers = []
  told.mockReset()
  pace = new Pace(
    (then) => {
      frames.push(then)
      return () => void drop(frames, then)
    },
    {
      after: (ms, then) => {
        const timer = { at: now + ms, then }
        timers.push(timer)
        return () => void drop(timers, timer)
      },
      random: () => 0.5,
    },
    () => now,
  )
})

it('tells with the next frame after a quiet time', () => {
  pace.ask(told, false)
  pace.ask(told, false)
  expect(told).not.toHaveBeenCalled()
  frame()
  expect(told).toHaveBeenCalledTimes(1)
  frame()
  expect(told).toHaveBeenCalledTimes(1)
})

function rush(count: number): number {
  told.mockReset()
  for (let n = 0; n < count; n++) {
    pace.ask(told, false)
    frame()
  }
  return told.mock.calls.length
}

it('tells at once of a few in a row, and of a rush ten times a second', () => {
  expect(rush(4)).toBe(4)
  rush(20)
  const inASecond = rush(63)
  expect(inASecond).toBeGreaterThanOrEqual(8)
  expect(inASecond).toBeLessThanOrEqual(10)
})

it('never lets the reader wait, and tells of everything that came with it', () => {
  rush(20)
  told.mockReset()
  pace.ask(told, false)
  pace.ask(told, true)
  frame()
  expect(told).toHaveBeenCalledTimes(1)
  expect(timers).toEqual([])
  for (let n = 0; n < 20; n++) frame()
  expect(told).toHaveBeenCalledTimes(1)
})
