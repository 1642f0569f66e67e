/** How the list is arranged, kept on this device, and the order that keys go through it. */
import { useSyncExternalStore } from 'react'
import type { Room } from '../../api/types'
import { ordered, rowOf, type Order } from '../../core/roomlist'

export interface Arrangement {
  order: Order
  unreadOnly: boolean
  /** Sections that are folded in. */
  folded: string[]
}

const KEY = 'maru.rooms'
const usual: Arrangement = { order: 'name', unreadOnly: false, folded: [] }
let current = read()
const listeners = new Set<() => void>()

function read(): Arrangement {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Arrangement>
    return {
      order: kept.order === 'recent' ? 'recent' : 'name',
      unreadOnly: kept.unreadOnly === true,
      folded: Array.isArray(kept.folded) ? kept.folded.map(String) : [],
    }
  } catch {
    return usual
  }
}

export function arrange(change: Partial<Arrangement>): void {
  current = { ...current, ...change }
  try {
    localStorage.setItem(KEY, JSON.stringify(current))
  } catch {
    // Storage is full or refused: it holds until the page is left.
  }
  for (const listener of [...listeners]) listener()
}

export function useArrangement(): Arrangement {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => current,
  )
}

/** Rooms first, then conversations, each as the list has them. */
export function inOrder(rooms: readonly Room[]): Room[] {
  const byId = new Map(rooms.map((room) => [room.id, room]))
  const rows = rooms.map((room) => rowOf(room, undefined))
  const houses = rows.filter(({ kind }) => kind !== 'direct')
  const directs = rows.filter(({ kind }) => kind === 'direct')
  return [...ordered(houses, current.order), ...ordered(directs, 'recent')].flatMap(
    ({ id }) => byId.get(id) ?? [],
  )
}
