/** The reader's settings in this browser: kept, shared between tabs, seen on the page. */
import { useSyncExternalStore } from 'react'
import type { Client } from '../../core/client'
import { SettingsStore, type Keeper, type Settings } from '../../core/settings'
import { SettingsSync } from '../../core/settings-sync'
import type { Language } from '../../core/time'

const KEY = 'maru.settings'

const inStorage: Keeper = {
  read: () => {
    try {
      return JSON.parse(localStorage.getItem(KEY) ?? 'null') as unknown
    } catch {
      return null
    }
  },
  write: (settings) => {
    try {
      localStorage.setItem(KEY, JSON.stringify(settings))
    } catch {
      // Storage is full or refused: the choice holds until the page is left.
    }
  },
  watch: (changed) =>
    window.addEventListener('storage', (e) => {
      if (e.key === KEY) changed()
    }),
}

export const settings = new SettingsStore(inStorage)

/** With the account, from now on; the answer ends that. */
export function syncSettings(client: Client): () => void {
  const sync = new SettingsSync(settings, client.api.changeSettings, localStorage, {
    after: (ms, then) => {
      const timer = setTimeout(then, ms)
      return () => clearTimeout(timer)
    },
    random: () => Math.random(),
  })
  let heard: object | null = null
  let link = ''
  const look = () => {
    const { state } = client.store
    if (state.settings && state.settings !== heard) {
      heard = state.settings
      sync.heard(state.settings)
    }
    if (state.link === link) return
    link = state.link
    if (link !== 'online') return
    sync.flush()
    // The server knows quiet hours by the clock that the reader has.
    const utc_offset_minutes = -new Date().getTimezoneOffset()
    if (state.settings?.utc_offset_minutes !== utc_offset_minutes)
      client.api.changeSettings({ utc_offset_minutes }).catch(() => undefined)
  }
  const forget = client.store.subscribe(look)
  look()
  return () => {
    forget()
    sync.close()
  }
}

export function useSettings(): Settings {
  return useSyncExternalStore(settings.subscribe, () => settings.value)
}

/** The language asked for: by choice, else Korean where the browser asks for it first. */
export function languageOf({ language }: Settings): Language {
  if (language !== 'system') return language
  return navigator.language.toLowerCase().startsWith('ko') ? 'ko' : 'en'
}

/** Theme, density and size are attributes of the page: style sheets do the rest. */
export function showLook({ theme, density, text_size }: Settings): void {
  const { dataset } = document.documentElement
  dataset.theme = theme
  dataset.density = density
  dataset.text = text_size
  // The frame that the browser draws around the page has the page's own colour.
  const { backgroundColor } = getComputedStyle(document.body)
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name=theme-color]')) {
    meta.content = backgroundColor
  }
}
