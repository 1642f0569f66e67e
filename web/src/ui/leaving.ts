/** Signing out: at once here, at the server as soon as it is reached; nothing stays behind. */
import { ApiError, type Api } from '../core/api'
import { forgetUploads } from './files/keeper'
import { forgetKept } from './kept/kept'
import { badge } from './notify/badge'
import { forgetSearches } from './search/memory'
import { settings } from './settings/store'

const LEAVING = 'maru.leaving'
const MEMBER = 'maru.member'
/** Until the server has heard of it. */
const KEPT = new Set([LEAVING])

/** From now on nobody is signed in here, whatever the network does. */
export function leave(everywhere: boolean): void {
  keep(LEAVING, everywhere ? 'all' : 'this')
}

export const isLeaving = (): boolean => localStorage.getItem(LEAVING) !== null

/** Somebody signed in: the session that was left is another one. */
export const stay = (): void => localStorage.removeItem(LEAVING)

/** Ends the session at the server; fails where that is not reached, and is then asked again. */
export async function finishLeaving(
  api: Pick<Api, 'signOut' | 'endSessions'>,
  go: (url: string) => void = (url) => window.location.assign(url),
): Promise<void> {
  const what = localStorage.getItem(LEAVING)
  try {
    if (what === 'all') await api.endSessions()
    else {
      const provider = (await api.signOut())?.provider_url
      if (provider !== undefined) {
        localStorage.removeItem(LEAVING)
        go(provider)
      }
    }
  } catch (error) {
    // Ended already.
    if (!(error instanceof ApiError && error.status === 401)) throw error
  }
  localStorage.removeItem(LEAVING)
}

/** Drafts, unsent messages, searches, rooms, settings: gone from this browser. */
export function forget(): void {
  for (const storage of [localStorage, sessionStorage]) {
    for (const key of Object.keys(storage)) {
      if (key.startsWith('maru.') && !KEPT.has(key)) storage.removeItem(key)
    }
  }
  forgetSearches()
  forgetUploads()
  forgetKept()
  settings.forget()
  // Who is here next is told nothing that was meant for another.
  void import('./notify/push').then(({ endPushes }) => endPushes()).catch(() => undefined)
  badge(0)
}

/** The chat itself is fetched at once where somebody was signed in before. */
export const wasMember = (): boolean => localStorage.getItem(MEMBER) !== null
export const rememberMember = (): void => keep(MEMBER, '1')

function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value)
  } catch {
    // Storage is full or refused: it holds until the page is left.
  }
}
