import { expect, it, vi } from 'vitest'
import { sameList } from './memo'
import { selection, Store } from './store'

it('tells of many changes in one turn once', async () => {
  const store = new Store()
  const listener = vi.fn()
  store.subscribe(listener)
  store.dispatch({ type: 'link', link: 'online' })
  store.dispatch({ type: 'link', link: 'offline' })
  store.dispatch({ type: 'link', link: 'offline' })
  expect(listener).not.toHaveBeenCalled()
  await Promise.resolve()
  expect(listener).toHaveBeenCalledTimes(1)
  expect(store.state.link).toBe('offline')
})

it('asks to be told soon of what the reader did, not of what others do', () => {
  const asked: boolean[] = []
  const store = new Store((_then, soon) => asked.push(soon))
  store.dispatch({ type: 'typing', room: 1, user: 2, until: 3 })
  store.dispatch({ type: 'link', link: 'online' })
  store.dispatch({ type: 'link', link: 'online' })
  expect(asked).toEqual([false, true])
})

it('gives the same thing as long as it is equal', () => {
  const store = new Store()
  const rooms = selection(store, (state) => Object.keys(state.rooms), sameList)
  const before = rooms()
  store.dispatch({ type: 'link', link: 'online' })
  expect(rooms()).toBe(before)
})
