/** Which message is being changed: one at a time, whoever asked for it. */
import { useSyncExternalStore } from 'react'
import type { Client } from '../../core/client'

let current: number | null = null
/** Where the reader was when they began by a key: they go on there. */
let from: HTMLElement | null = null
const listeners = new Set<() => void>()

export function startEditing(id: number, field: HTMLElement | null = null): void {
  from = field
  set(id)
}

/** Where the focus goes when it is done. */
export function leftField(): HTMLElement | null {
  return from?.isConnected ? from : null
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
export function editLast(
  client: Client,
  field: HTMLElement | null,
  room: number,
  root?: number,
): boolean {
  const { me } = client.store.state
  const last = client
    .held(room, root)
    .findLast(({ author, deleted }) => author.id === me?.id && !deleted)
  if (!last) return false
  startEditing(last.id, field)
  return true
}
