import { expect, it, vi } from 'vitest'
import { Connection, type Handlers } from './connection'
import { Wire } from './fixtures.wire'

const settle = () => new Promise((resolve) => setImmediate(resolve))

it('is asked whether it lives when a message is not confirmed for a while', async () => {
  const timers: { ms: number; then: () => void }[] = []
  const clock = {
    after: (ms: number, then: () => void) => {
      const timer = { ms, then }
      timers.push(timer)
      return () => void timers.splice(timers.indexOf(timer), 1)
    },
    random: () => 0.5,
  }
  const handlers = { position: () => null, began: vi.fn(), broken: vi.fn() }
  let wire: Wire | undefined
  const made = new Connection(
    (auth) => (wire = new Wire(auth)),
    handlers as unknown as Handlers,
    clock,
  )
  if (!wire) throw new Error('no wire')
  wire.ready(100)
  const asked = () => wire?.acks.map(({ event }) => event)

  const confirmed = made.send({ text: 'one' })
  wire.acks.pop()?.resolve({ ok: true })
  await confirmed
  expect(timers).toEqual([])

  const connects = wire.auths.length
  void made.send({ text: 'two' }).catch(() => undefined)
  expect(asked()).toEqual(['message.send'])
  expect(timers.map(({ ms }) => ms)).toEqual([3_000])
  timers[0]?.then()
  expect(asked()).toEqual(['message.send', 'ping'])
  wire.acks.pop()?.reject(new Error('operation has timed out'))
  await settle()
  expect(wire.auths).toHaveLength(connects + 1)
})
