import { expect, it, vi } from 'vitest'
import { LateSocket } from './late-socket'
import { Wire } from './fixtures.wire'

const settle = () => new Promise((resolve) => setImmediate(resolve))

function late(load: () => Promise<Wire>) {
  const timers: (() => void)[] = []
  const clock = {
    after: (_: number, then: () => void) => {
      timers.push(then)
      return () => undefined
    },
    random: () => 0.5,
  }
  return { socket: new LateSocket(load, clock), timers }
}

it('listens and connects as soon as the library is there', async () => {
  const wire = new Wire((give) => give({}))
  const { socket } = late(() => Promise.resolve(wire))
  const heard = vi.fn()
  socket.on('ready', heard)
  socket.connect()
  expect(socket.connected).toBe(false)
  await expect(socket.timeout(1).emitWithAck('ping')).rejects.toThrow('not connected')
  await settle()
  expect(socket.connected).toBe(true)
  wire.ready(5)
  expect(heard).toHaveBeenCalledOnce()
  socket.disconnect()
  expect(wire.connected).toBe(false)
})

it('does not connect what was given up meanwhile', async () => {
  const wire = new Wire((give) => give({}))
  const { socket } = late(() => Promise.resolve(wire))
  socket.connect()
  socket.disconnect()
  await settle()
  expect(wire.auths).toEqual([])
})

it('says that it is broken and tries again while the library does not come', async () => {
  const wire = new Wire((give) => give({}))
  const load = vi.fn<() => Promise<Wire>>()
  load.mockRejectedValueOnce(new Error('offline')).mockResolvedValue(wire)
  const { socket, timers } = late(load)
  const broken = vi.fn()
  socket.on('connect_error', broken)
  socket.connect()
  await settle()
  expect(broken).toHaveBeenCalledOnce()
  timers.shift()?.()
  await settle()
  expect(wire.auths).toHaveLength(1)
})
