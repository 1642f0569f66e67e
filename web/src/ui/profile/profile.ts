/** Whose card is shown, and beside what: one at a time, opened from anywhere. */
import { useSyncExternalStore } from 'react'

export interface Shown {
  user: number
  room: number | undefined
  anchor: HTMLElement
}

let current: Shown | null = null
const listeners = new Set<() => void>()

export function showProfile(user: number, room: number | undefined, anchor: HTMLElement): void {
  set(current?.anchor === anchor ? null : { user, room, anchor })
}

export const hideProfile = (): void => set(null)

export function useProfile(): Shown | null {
  return useSyncExternalStore(subscribe, () => current)
}

function set(next: Shown | null): void {
  current = next
  for (const listener of [...listeners]) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
