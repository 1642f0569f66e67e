/** What lies over the app: one at a time, opened from anywhere. */
import { useSyncExternalStore } from 'react'
import type { Message, SharedFile } from '../../api/types'
import type { Section } from '../../core/sections'

export type Overlay =
  | { kind: 'switcher' }
  | { kind: 'keys' }
  | { kind: 'create-room' }
  /** Renamed, or made with a room in it. */
  | { kind: 'section'; section?: Section; room?: number }
  | { kind: 'directory' }
  | { kind: 'direct' }
  | { kind: 'invite' }
  | { kind: 'room'; room: number; view?: 'about' | 'add' | 'edit' | 'archive' | 'leave' | 'delete' }
  | { kind: 'sign-out' }
  | { kind: 'forward'; message: Message }
  | { kind: 'info'; message: Message }
  | { kind: 'status' }
  | {
      kind: 'viewer'
      room: number
      root: number | undefined
      file: number
      among?: readonly SharedFile[]
    }

let current: Overlay | null = null
const listeners = new Set<() => void>()

export function show(overlay: Overlay | null): void {
  current = overlay
  for (const listener of [...listeners]) listener()
}

export const hide = (): void => show(null)

export function useOverlay(): Overlay | null {
  return useSyncExternalStore(subscribe, () => current)
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
