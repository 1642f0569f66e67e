import { expect, it, vi } from 'vitest'
import { sameList } from './memo'
import { selection, Store } from './store'

it('tells of many changes in one turn once, and when it is told to', () => {
  let tell: (() => void) | undefined
  const store = new Store((then) => (tell = then))
  const listener = vi.fn()
  store.subscribe(listener)
  store.dispatch({ type: 'link', link: 'online' })
  store.dispatch({ type: 'link', link: 'offline' })
  store.dispatch({ type: 'link', link: 'offline' })
  expect(listener).not.toHaveBeenCalled()
  tell?.()
  expect(listener).toHaveBeenCalledTimes(1)
  expect(store.state.link).toBe('offline')
})

it('gives the same thing as long as it is equal', () => {
  const store = new Store()
  const rooms = selection(store, (state) => Object.keys(state.rooms), sameList)
  const before = rooms()
  store.dispatch({ type: 'link', link: 'online' })
  expect(rooms()).toBe(before)
})
