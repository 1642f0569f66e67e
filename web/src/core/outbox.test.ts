import { describe, expect, it } from 'vitest'
import { me, message } from './fixtures'
import type { Pending } from './model'
import { Outbox, type Send, type Storage } from './outbox'

function memory(): Storage & { map: Map<string, string> } {
  const map = new Map<string, string>()
  return {
    map,
    get length() {
      return map.size
    },
    key: (index) => [...map.keys()][index] ?? null,
    getItem: (key) => map.get(key) ?? null,
    setItem: (key, value) => void map.set(key, value),
    removeItem: (key) => void map.delete(key),
  }
}

const pending = (id: string, second = 0): Pending => ({
  client_id: id,
  room_id: 10,
  text: id,
  sent_at: `2026-11-22T00:00:0${second}Z`,
})

function outbox(storage: Storage, send: Send) {
  const confirmed: string[] = []
  const failed: [string, string][] = []
  const box = new Outbox(storage, me.id, send, {
    confirmed: (m) => confirmed.push(m.client_id ?? ''),
    failed: (id, error) => failed.push([id, error.code]),
  })
  return { box, confirmed, failed }
}

const accept: Send = (p) =>
  Promise.resolve({ ok: true, message: message(5, { client_id: p.client_id }) })
const broken: Send = () => Promise.reject(new Error('gone'))

describe('the outbox', () => {
  it('sends one after the other, also what is added meanwhile', async () => {
    const sent: string[] = []
    const open: (() => void)[] = []
    const { box, confirmed } = outbox(memory(), (p) => {
      sent.push(p.client_id)
      return new Promise((resolve) => {
        open.push(() => resolve({ ok: true, message: message(5, { client_id: p.client_id }) }))
      })
    })
    box.add(pending('a'))
    box.add(pending('b'))
    const flushed = box.flush()
    box.add(pending('c'))
    expect(box.flush()).toBe(flushed)
    expect(sent).toEqual(['a'])
    open[0]?.()
    await expect.poll(() => sent).toEqual(['a', 'b'])
    open[1]?.()
    await expect.poll(() => sent).toEqual(['a', 'b', 'c'])
    open[2]?.()
    expect(await flushed).toBe(true)
    expect(confirmed).toEqual(['a', 'b', 'c'])
  })

  it('keeps what is unconfirmed, in order, over a restart', async () => {
    const storage = memory()
    const first = outbox(storage, broken)
    first.box.add(pending('b', 2))
    first.box.add(pending('a', 1))
    expect(await first.box.flush()).toBe(false)
    const second = outbox(storage, accept)
    expect(second.box.pending().map((p) => p.client_id)).toEqual(['a', 'b'])
    expect(await second.box.flush()).toBe(true)
    expect(second.confirmed).toEqual(['a', 'b'])
    expect(storage.map.size).toBe(0)
  })

  it('sends the same client_id again after a break', async () => {
    const ids: string[] = []
    const answers: Send[] = [broken, accept]
    const { box, confirmed } = outbox(memory(), (p) => {
      ids.push(p.client_id)
      return (answers.shift() ?? accept)(p)
    })
    box.add(pending('a'))
    expect(await box.flush()).toBe(false)
    expect(await box.flush()).toBe(true)
    expect(ids).toEqual(['a', 'a'])
    expect(confirmed).toEqual(['a'])
  })

  it('marks what is refused and goes on with the rest', async () => {
    const storage = memory()
    const refuse: Send = (p) =>
      p.client_id === 'a'
        ? Promise.resolve({ ok: false, error: { code: 'not_a_member', message: '' } })
        : accept(p)
    const { box, confirmed, failed } = outbox(storage, refuse)
    box.add(pending('a'))
    box.add(pending('b'))
    expect(await box.flush()).toBe(true)
    expect(failed).toEqual([['a', 'not_a_member']])
    expect(confirmed).toEqual(['b'])
    // The mark is kept, and nothing is sent until its author says so.
    const later = outbox(storage, accept)
    expect(await later.box.flush()).toBe(true)
    expect(later.confirmed).toEqual([])
    later.box.retry('a')
    expect(await later.box.flush()).toBe(true)
    expect(later.confirmed).toEqual(['a'])
  })

  it('waits when a refusal passes by itself', async () => {
    const { box, failed } = outbox(memory(), () =>
      Promise.resolve({ ok: false, error: { code: 'read_only', message: '' } }),
    )
    box.add(pending('a'))
    expect(await box.flush()).toBe(false)
    expect(failed).toEqual([])
    expect(box.pending()).toHaveLength(1)
  })

  it('leaves the messages of others on the same machine alone, and what is no message', () => {
    const storage = memory()
    storage.setItem('maru.outbox.2.x', JSON.stringify(pending('x')))
    storage.setItem('maru.outbox.1.y', 'not JSON')
    storage.setItem('maru.outbox.1.z', '{"client_id":5}')
    expect(outbox(storage, accept).box.pending()).toEqual([])
  })

  it('goes on without storage', async () => {
    const full = {
      ...memory(),
      setItem: () => {
        throw new Error('full')
      },
    }
    const { box, confirmed } = outbox(full, accept)
    box.add(pending('a'))
    await box.flush()
    expect(confirmed).toEqual(['a'])
  })
})
