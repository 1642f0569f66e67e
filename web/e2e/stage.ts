/** One server and one browser for a file of tests. */
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { launch, Person } from './browser'
import { Maru } from './maru'

export function stage(settings: readonly string[] = []) {
  const people: Person[] = []
  const on = {
    maru: undefined as unknown as Maru,
    browser: undefined as unknown as Browser,
    /** Somebody new; their names are told apart by a number. */
    async person(name: string, worker = false): Promise<Person> {
      const username = `${name}${++arrived}`
      const person = await Person.arrive(on.browser, on.maru, username, name, worker)
      people.push(person)
      return person
    },
    /** Two people in one new room. */
    async pair(room: string): Promise<[Person, Person, number]> {
      const first = await on.person('철수')
      const second = await on.person('영희')
      const id = await first.caller.room(room)
      await second.caller.call('POST', `/rooms/${id}/join`)
      return [first, second, id]
    },
  }
  let arrived = 0
  const begin = async () => {
    ;[on.maru, on.browser] = await Promise.all([Maru.start(settings), launch()])
  }
  const end = async () => {
    await on.browser.close()
    await on.maru.stop()
  }
  beforeAll(begin)
  afterEach(async ({ task }) => {
    // No page threw, and none asked for anything that the content policy refuses.
    const problems = people.flatMap((person) => person.problems)
    await Promise.all(people.splice(0).map((person) => person.page.context().close()))
    expect(problems).toEqual([])
    // What failed left its rooms and names behind: a second try begins in an empty house.
    if (task.result?.state === 'fail') {
      await end()
      await begin()
    }
  })
  afterAll(end)
  return on
}
