/** Which message is being changed: one at a time, whoever asked for it. */
import { useSyncExternalStore } from 'react'
import type { Client } from '../../core/client'

let current: number | null = null
const listeners = new Set<() => void>()

export function startEditing(id: number): void {
  set(id)
}

export function stopEditing(id: number): void {
  if (current === id) set(null)
}

export function useIsEditing(id: number): boolean {
  return useSyncExternalStore(subscribe, () => current === id)
}

function set(id: number | null): void {
  current = id
  for (const listener of [...listeners]) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Opens the reader's own last message in the room or thread; false where there is none. */
export function editLast(client: Client, room: number, root?: number): boolean {
  const { me } = client.store.state
  const last = client
    .held(room, root)
    .findLast(({ author, deleted }) => author.id === me?.id && !deleted)
  if (!last) return false
  startEditing(last.id)
  return true
}
