/** The drafts of whoever is signed in, as this tab and the others know them. */
import { useSyncExternalStore } from 'react'
import { Drafts } from '../../core/drafts'
import { useChat } from '../context'

let open: { user: number; drafts: Drafts } | null = null

export function draftsOf(user: number): Drafts {
  if (open?.user !== user) open = { user, drafts: new Drafts(localStorage, user, newId) }
  return open.drafts
}

addEventListener('storage', (e) => open?.drafts.heard(e.key))

/** Only secure pages have `crypto.randomUUID`. */
function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
}

export function useDrafts(): Drafts {
  return draftsOf(useChat((state) => state.me?.id ?? 0))
}

/** Whether something was begun and not sent in a room or one of its threads. */
export function useHasDraft(room: number): boolean {
  const drafts = useDrafts()
  return useSyncExternalStore(drafts.subscribe, () => drafts.rooms().has(room))
}

/** The rooms in which something was begun and not sent: to be marked in the list. */
export function useDraftRooms(): ReadonlySet<number> {
  const drafts = useDrafts()
  return useSyncExternalStore(drafts.subscribe, () => drafts.rooms())
}
