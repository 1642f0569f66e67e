import { expect, it } from 'vitest'
import type { User } from '../api/types'
import { other } from './fixtures'
import { People } from './people'

const settle = () => new Promise((resolve) => setImmediate(resolve))

it('asks for names together, each once, and again after a failure', async () => {
  const asked: number[][] = []
  const learned: User[] = []
  let broken = true
  const people = new People(
    (ids) => {
      asked.push(ids)
      if (broken) return Promise.reject(new Error('offline'))
      return Promise.resolve(ids.map((id) => ({ ...other, id })))
    },
    (users) => learned.push(...users),
  )
  people.want([1, 2])
  people.want([2, 3])
  await settle()
  expect(asked).toEqual([[1, 2, 3]])
  broken = false
  people.want([1])
  people.want(Array.from({ length: 150 }, (_, n) => 1_000 + n))
  await settle()
  expect(asked.slice(1).map((ids) => ids.length)).toEqual([100, 51])
  people.want([1])
  await settle()
  expect(asked).toHaveLength(3)
  expect(learned).toHaveLength(151)
})
