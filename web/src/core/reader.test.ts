import { beforeEach, expect, it } from 'vitest'
import { Reader } from './reader'

let told: [room: number, message: number][]
let timers: (() => void)[]
let heard: boolean
let reader: Reader
const settle = () => new Promise((resolve) => setImmediate(resolve))
const pass = async () => {
  for (const then of timers.splice(0)) then()
  await settle()
}

beforeEach(() => {
  told = []
  timers = []
  heard = true
  reader = new Reader(
    (room, message) => {
      told.push([room, message])
      return Promise.resolve(heard)
    },
    {
      after: (_ms, then) => {
        timers.push(then)
        return () => (timers = timers.filter((t) => t !== then))
      },
      random: () => 0.5,
    },
  )
})

it('tells the first at once and then only the furthest', async () => {
  for (const id of [5, 6, 7, 8]) reader.want(10, id)
  await settle()
  expect(told).toEqual([[10, 5]])
  await pass()
  expect(told).toEqual([
    [10, 5],
    [10, 8],
  ])
  await pass()
  expect(told).toHaveLength(2)
})

it('tells nothing that the server knows, nor anything backwards', async () => {
  reader.learned(10, 9)
  reader.want(10, 9)
  reader.want(10, 3)
  await settle()
  expect(told).toEqual([])
})

it('tells again after a break what was not heard', async () => {
  heard = false
  reader.want(10, 5)
  await pass()
  heard = true
  await reader.flush()
  await reader.flush()
  expect(told.at(-1)).toEqual([10, 5])
  const count = told.length
  await reader.flush()
  expect(told).toHaveLength(count)
})

it('reads again what was set back to unread', async () => {
  reader.want(10, 9)
  await pass()
  reader.back(10, 4)
  reader.want(10, 6)
  await settle()
  expect(told.at(-1)).toEqual([10, 6])
})
