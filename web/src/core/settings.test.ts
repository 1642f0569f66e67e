import { expect, it } from 'vitest'
import { defaults, readSettings, SettingsStore, type Keeper, type Settings } from './settings'

function inMemory(kept: unknown = null) {
  const changes: Partial<Settings>[] = []
  let changed: () => void = () => undefined
  const keeper: Keeper = {
    read: () => kept,
    write: (settings, change) => {
      kept = settings
      changes.push(change)
    },
    watch: (heard) => (changed = heard),
  }
  const elsewhere = (settings: unknown) => {
    kept = settings
    changed()
  }
  return { keeper, changes, elsewhere }
}

it('what is unknown or damaged gives way to the defaults, the rest is kept', () => {
  expect(readSettings(null)).toEqual(defaults)
  expect(readSettings('dark')).toEqual(defaults)
  expect(readSettings({ theme: 'dark', density: 'huge', future: 1 })).toEqual({
    ...defaults,
    theme: 'dark',
  })
})

it('a change is written as a part and told once', () => {
  const { keeper, changes } = inMemory()
  const store = new SettingsStore(keeper)
  let told = 0
  store.subscribe(() => told++)
  store.set({ theme: 'dark' })
  store.set({ theme: 'dark' })
  expect(store.value.theme).toBe('dark')
  expect(changes).toEqual([{ theme: 'dark' }, { theme: 'dark' }])
  expect(told).toBe(1)
})

it('what another tab changed is taken over', () => {
  const { keeper, elsewhere } = inMemory({ language: 'en' })
  const store = new SettingsStore(keeper)
  let told = 0
  store.subscribe(() => told++)
  elsewhere({ language: 'ko' })
  elsewhere({ language: 'ko' })
  expect(store.value.language).toBe('ko')
  expect(told).toBe(1)
})
