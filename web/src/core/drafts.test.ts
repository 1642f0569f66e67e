import { expect, it } from 'vitest'
import { Drafts, merged } from './drafts'

class MemoryStorage {
  private readonly kept = new Map<string, string>()
  get length() {
    return this.kept.size
  }
  key = (index: number) => [...this.kept.keys()][index] ?? null
  getItem = (key: string) => this.kept.get(key) ?? null
  setItem = (key: string, value: string) => void this.kept.set(key, value)
  removeItem = (key: string) => void this.kept.delete(key)
}

function tabs() {
  const storage = new MemoryStorage()
  let id = 0
  const make = () => new Drafts(storage, 1, () => `id${++id}`)
  return { storage, a: make(), b: make() }
}

it('a draft outlives its place, and one id stays with it', () => {
  const { a, b } = tabs()
  a.keep('room.1', '안')
  a.keep('room.1', '안녕', [{ id: 7, name: '영희' }])
  expect(b.read('room.1')).toEqual({
    text: '안녕',
    chosen: [{ id: 7, name: '영희' }],
    client_id: 'id1',
  })
  a.forget('room.1')
  a.keep('room.1', '새')
  expect(a.read('room.1')?.client_id).toBe('id2')
})

it('two tabs send one draft under one id', () => {
  const { a, b } = tabs()
  a.keep('thread.1.5', '답')
  b.heard('maru.drafts.1.thread.1.5')
  b.keep('thread.1.5', '답장')
  expect(b.read('thread.1.5')?.client_id).toBe(a.read('thread.1.5')?.client_id)
})

it('the list knows which rooms have one', () => {
  const { a, b } = tabs()
  const told: string[] = []
  b.subscribe((place, draft) => told.push(`${place} ${draft?.text ?? '-'}`))
  a.keep('room.1', 'x')
  a.keep('thread.2.9', 'y')
  a.keep('edit.3', 'z')
  expect([...a.rooms()]).toEqual([1, 2])
  a.keep('room.1', ' ')
  expect([...a.rooms()]).toEqual([2])
  b.heard('maru.drafts.1.room.1')
  b.heard('maru.drafts.2.room.1')
  b.heard(null)
  expect(told).toEqual(['room.1 -'])
})

it('nothing stays behind after signing out', () => {
  const { storage, a } = tabs()
  storage.setItem('maru.other', '1')
  a.keep('room.1', 'x')
  a.forgetAll()
  expect(storage.length).toBe(1)
  expect(a.read('room.1')).toBeNull()
})

it('what is kept is read with care', () => {
  const { storage, a } = tabs()
  storage.setItem('maru.drafts.1.room.1', '{"text":3}')
  storage.setItem('maru.drafts.1.room.2', 'x')
  expect(a.read('room.1')).toBeNull()
  expect(a.read('room.2')).toBeNull()
})

it('another tab’s draft takes the place of what it knew, never of what was typed here', () => {
  const draft = (text: string) => ({ text, chosen: [], client_id: 'x' })
  expect(merged('안녕', '안녕', draft('안녕하세요'))).toBe('안녕하세요')
  expect(merged('안녕', '안녕', null)).toBe('')
  expect(merged('안녕 여기', '안녕', draft('안녕하세요'))).toBe('안녕 여기')
  expect(merged('안녕요', '안녕', null)).toBe('요')
})
