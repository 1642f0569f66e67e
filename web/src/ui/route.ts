/** Where the reader is, as an address: `/`, `/signup`, `/rooms/12`, `/rooms/12?m=345`. */
import { useSyncExternalStore } from 'react'

export interface Route {
  page: 'home' | 'signup' | 'room'
  room: number | undefined
  /** A message to show within the room. */
  message: number | undefined
  invite: string | undefined
}

export function parse(path: string, query: string): Route {
  const params = new URLSearchParams(query)
  const room = /^\/rooms\/(\d+)\/?$/.exec(path)?.[1]
  const message = params.get('m')
  return {
    page: room ? 'room' : /^\/signup\/?$/.test(path) ? 'signup' : 'home',
    room: room ? Number(room) : undefined,
    message: message && /^\d+$/.test(message) ? Number(message) : undefined,
    invite: params.get('invite') ?? undefined,
  }
}

const listeners = new Set<() => void>()
let key = ''
let current: Route = parse('/', '')

function read(): Route {
  const next = location.pathname + location.search
  if (next !== key) {
    key = next
    current = parse(location.pathname, location.search)
  }
  return current
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  window.addEventListener('popstate', listener)
  return () => {
    listeners.delete(listener)
    window.removeEventListener('popstate', listener)
  }
}

export function useRoute(): Route {
  return useSyncExternalStore(subscribe, read)
}

export function go(to: string, replace = false): void {
  if (to === location.pathname + location.search) return
  if (replace) history.replaceState(null, '', to)
  else history.pushState(null, '', to)
  for (const listener of [...listeners]) listener()
}

export const roomPath = (room: number, message?: number): string =>
  message === undefined ? `/rooms/${room}` : `/rooms/${room}?m=${message}`
