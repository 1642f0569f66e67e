import { beforeEach, expect, it } from 'vitest'
import type { Upload } from '../../api/types'
import { ApiError } from '../api'
import { Uploads, type Carrier, type Job, type Keeper } from './uploads'

/** A server in memory that takes pieces, and can break. */
class Server implements Carrier {
  uploads = new Map<string, { name: string; size: number; bytes: number }>()
  pieces: [string, number, number][] = []
  breaks = 0
  refusal: ApiError | null = null
  hold: Promise<void> | null = null
  gone: string[] = []
  takenBack: number[] = []
  private last = 0

  begin(name: string, size: number): Promise<Upload> {
    if (this.refusal) return Promise.reject(this.refusal)
    const id = `u${++this.last}`
    this.uploads.set(id, { name, size, bytes: 0 })
    return Promise.resolve({ id, offset: 0, size })
  }
  progress(id: string): Promise<Upload> {
    const found = this.uploads.get(id)
    if (!found) return Promise.reject(new ApiError('not_found', '', 404))
    return Promise.resolve({ id, offset: found.bytes, size: found.size })
  }
  async piece(
    id: string,
    from: number,
    bytes: Blob,
    sent: (n: number) => void,
    signal: AbortSignal,
  ): Promise<Upload> {
    await this.hold
    if (signal.aborted) throw new DOMException('aborted', 'AbortError')
    const found = this.uploads.get(id)
    if (!found) throw new ApiError('not_found', '', 404)
    this.pieces.push([id, from, bytes.size])
    if (this.breaks > 0) {
      this.breaks -= 1
      found.bytes += Math.floor(bytes.size / 2)
      throw new ApiError('offline', '')
    }
    sent(bytes.size)
    found.bytes += bytes.size
    const { name, size } = found
    const whole = found.bytes === size
    return {
      id,
      offset: found.bytes,
      size,
      ...(whole
        ? {
            file: { id: 7, name, size, mime: 'text/plain', created_at: '2026-11-29T00:00:00Z' },
          }
        : {}),
    }
  }
  giveUp(id: string) {
    this.gone.push(id)
    return Promise.resolve()
  }
  takeBack(id: number) {
    this.takenBack.push(id)
    return Promise.resolve()
  }
}

class Memory implements Keeper {
  kept = new Map<string, { job: Job; blob: Blob }>()
  all() {
    return Promise.resolve([...this.kept.values()])
  }
  put(job: Job, blob: Blob) {
    this.kept.set(job.key, { job, blob })
    return Promise.resolve()
  }
  remove(key: string) {
    this.kept.delete(key)
    return Promise.resolve()
  }
}

let server: Server
let memory: Memory
let timers: (() => void)[]
let done: Job[]
let failed: Job[]
let ids: number

function uploads() {
  const clock = {
    after: (_: number, then: () => void) => {
      timers.push(then)
      return () => {
        timers = timers.filter((one) => one !== then)
      }
    },
    random: () => 0.5,
  }
  return new Uploads(server, memory, clock, () => `k${++ids}`, {
    done: (job) => done.push(job),
    failed: (job) => failed.push(job),
  })
}

beforeEach(() => {
  server = new Server()
  memory = new Memory()
  timers = []
  done = []
  failed = []
  ids = 0
})

const MB = 1024 * 1024
const file = (bytes: number, name = '글.txt') => ({ name, blob: new Blob([new Uint8Array(bytes)]) })
const turns = async () => {
  for (let n = 0; n < 60; n++) await Promise.resolve()
}

it('sends in pieces and tells when it is whole', async () => {
  const up = uploads()
  up.add('room.1', [file(9 * MB)])
  await turns()
  expect(server.pieces.map(([, from, size]) => [from / MB, size / MB])).toEqual([
    [0, 4],
    [4, 4],
    [8, 1],
  ])
  expect(done.map(({ name, state }) => [name, state])).toEqual([['글.txt', 'done']])
  expect(up.of('room.1')[0]?.sent).toBe(9 * MB)
})

it('an empty file is a file', async () => {
  const up = uploads()
  up.add('room.1', [file(0)])
  await turns()
  expect(done).toHaveLength(1)
})

it('goes on where the line broke, at once when it is back', async () => {
  const up = uploads()
  server.breaks = 1
  up.add('room.1', [file(6 * MB)])
  await turns()
  expect(up.of('room.1')[0]?.state).toBe('waiting')
  expect(timers).toHaveLength(1)
  up.again()
  await turns()
  expect(server.pieces.map(([, from]) => from / MB)).toEqual([0, 2])
  expect(done).toHaveLength(1)
})

it('a reload goes on with what was kept, and begins anew where the server forgot it', async () => {
  const first = uploads()
  server.hold = new Promise(() => undefined)
  first.add('room.1', [file(3)])
  await turns()
  first.close()
  server.hold = null
  server.uploads.clear()
  const again = uploads()
  await again.restore()
  await turns()
  expect(done.map(({ place }) => place)).toEqual(['room.1'])
  expect([...server.uploads.keys()]).toEqual(['u2'])
})

it('two go at a time; a paused one makes way and goes on later', async () => {
  const up = uploads()
  let free: (() => void) | undefined
  server.hold = new Promise((resolve) => (free = resolve))
  up.add('room.1', [file(3, 'a'), file(3, 'b'), file(3, 'c')])
  await turns()
  const states = () => up.of('room.1').map(({ state }) => state)
  expect(states()).toEqual(['sending', 'sending', 'waiting'])
  up.pause('k1')
  await turns()
  expect(states()).toEqual(['paused', 'sending', 'sending'])
  free?.()
  await turns()
  expect(states()).toEqual(['paused', 'done', 'done'])
  up.resume('k1')
  await turns()
  expect(states()).toEqual(['done', 'done', 'done'])
})

it('a refusal is final until somebody tries again', async () => {
  const up = uploads()
  server.refusal = new ApiError('too_large', '', 413)
  up.add('room.1', [file(3)])
  await turns()
  expect(failed.map(({ error }) => error)).toEqual(['too_large'])
  expect(timers).toEqual([])
  server.refusal = null
  up.resume('k1')
  await turns()
  expect(done).toHaveLength(1)
})

it('what is given up is gone here and there', async () => {
  const up = uploads()
  server.hold = new Promise(() => undefined)
  up.add('room.1', [file(3)])
  await turns()
  up.cancel('k1')
  expect(up.of('room.1')).toEqual([])
  expect(server.gone).toEqual(['u1'])
  expect(memory.kept.size).toBe(0)
  server.hold = null
  up.add('room.1', [file(3)])
  await turns()
  up.cancel('k2')
  expect(server.takenBack).toEqual([7])
})

it('a place in which nothing changed keeps its list', async () => {
  const up = uploads()
  up.add('room.1', [file(3)])
  await turns()
  const before = up.of('room.1')
  up.add('room.2', [file(3)])
  await turns()
  expect(up.of('room.1')).toBe(before)
  up.move(['k1'], 'sent.x')
  expect(up.of('room.1')).toEqual([])
  expect(up.of('sent.x')).toHaveLength(1)
})
