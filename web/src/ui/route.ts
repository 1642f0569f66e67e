/** Where the reader is, bound to the browser's history. The places themselves are in `core/route`. */
import { useSyncExternalStore, type MouseEvent } from 'react'
import { parse, type Route as Place } from '../core/route'

export {
  panelPath,
  roomPath,
  searchPath,
  settingsPath,
  threadPath,
  withoutPanel,
} from '../core/route'

export interface Route extends Place {
  /** The how-manieth time somebody goes somewhere: one can go again to where one is. */
  visit: number
}

/** What the history keeps of an entry. */
interface Entry {
  /** How many entries of the app lie before this one. */
  depth: number
  /** The address one came from. */
  from: string
}

const listeners = new Set<() => void>()
let visit = 0
let key = ''
let current: Route = { ...parse('/', ''), visit }

const address = () => location.pathname + location.search
const entry = (): Entry | null => history.state as Entry | null

function read(): Route {
  const next = `${visit} ${address()}`
  if (next !== key) {
    key = next
    current = { ...parse(location.pathname, location.search), visit }
  }
  return current
}

function moved(): void {
  visit += 1
  for (const listener of [...listeners]) listener()
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) window.addEventListener('popstate', moved)
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) window.removeEventListener('popstate', moved)
  }
}

export function useRoute(): Route {
  return useSyncExternalStore(subscribe, read)
}

/** Where the reader is now, for what is no component. */
export const currentRoute = (): Route => read()

export function go(to: string, replace = false): void {
  const { depth = 0, from = '' } = entry() ?? {}
  if (replace || to === address()) history.replaceState({ depth, from }, '', to)
  else history.pushState({ depth: depth + 1, from: address() } satisfies Entry, '', to)
  moved()
}

/** A click on a link within the app; one that asks for another window is the browser's. */
export const following = (to: string) => (e: MouseEvent) => {
  if (e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return
  e.preventDefault()
  go(to)
}

/** One step back, as the system's own Back does it; at the first page to `instead`. */
export function back(instead: string): void {
  if ((entry()?.depth ?? 0) > 0) history.back()
  else go(instead, true)
}

/** Closes what lies over `under`: no step back leads into it again. */
export function leaveTo(under: string): void {
  if (entry()?.from === under) history.back()
  else go(under, true)
}
