import { beforeEach, expect, it } from 'vitest'
import { Removing } from './removing'

let timers: (() => void)[]
let removed: number[]
let hidden: Set<number>
let failures: unknown[]
let answer: () => Promise<unknown>

function removing() {
  return new Removing(
    (id) => {
      removed.push(id)
      return answer()
    },
    (id, gone) => {
      if (gone) hidden.add(id)
      else hidden.delete(id)
    },
    (error) => failures.push(error),
    {
      after: (_, then) => {
        timers.push(then)
        return () => (timers = timers.filter((one) => one !== then))
      },
      random: () => 0,
    },
  )
}

beforeEach(() => {
  timers = []
  removed = []
  hidden = new Set()
  failures = []
  answer = () => Promise.resolve()
})

it('is gone at once for the reader, and for all when nothing was undone', async () => {
  const r = removing()
  r.start(1)
  expect([[...hidden], removed]).toEqual([[1], []])
  timers[0]?.()
  await Promise.resolve()
  expect([[...hidden], removed]).toEqual([[], [1]])
})

it('undone, nobody ever knew', () => {
  const r = removing()
  r.start(1)
  r.undo(1)
  expect([[...hidden], removed, timers.length]).toEqual([[], [], 0])
  r.undo(1)
})

it('leaving the page ends the time to undo', () => {
  const r = removing()
  r.start(1)
  r.start(2)
  r.flush()
  expect([removed, timers.length]).toEqual([[1, 2], 0])
})

it('what could not be deleted is there again, and it is said', async () => {
  answer = () => Promise.reject(new Error('no'))
  const r = removing()
  r.start(1)
  timers[0]?.()
  await new Promise((done) => setImmediate(done))
  expect([[...hidden], failures.length]).toEqual([[], 1])
})
