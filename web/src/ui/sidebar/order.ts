/** How the list is arranged, kept with the account, and the order that keys go through it. */
import { useSyncExternalStore } from 'react'
import type { Room } from '../../api/types'
import type { Api } from '../../core/api'
import { ordered, rowOf, type Order, type RoomRow } from '../../core/roomlist'
import { holding, movedTo, sectionsOf, withSection, type Section } from '../../core/sections'

export interface Arrangement {
  order: Order
  unreadOnly: boolean
  /** Sections that are folded in. */
  folded: string[]
  /** Rooms on top, whatever they are. */
  favourites: number[]
  /** Those that somebody made. */
  sections: Section[]
}

const KEY = 'maru.rooms'
const usual: Arrangement = {
  order: 'name',
  unreadOnly: false,
  folded: [],
  favourites: [],
  sections: [],
}
let current = read()
const listeners = new Set<() => void>()

function read(): Arrangement {
  try {
    return lenient(JSON.parse(localStorage.getItem(KEY) ?? '{}'))
  } catch {
    return usual
  }
}

/** What another version or device wrote. */
function lenient(kept: unknown): Arrangement {
  const { order, unreadOnly, folded, favourites, sections } = (kept ?? {}) as Partial<Arrangement>
  return {
    order: order === 'recent' ? 'recent' : 'name',
    unreadOnly: unreadOnly === true,
    folded: Array.isArray(folded) ? folded.map(String) : [],
    favourites: Array.isArray(favourites) ? favourites.filter(Number.isInteger) : [],
    sections: sectionsOf(sections),
  }
}

/** Keeps it with the account, as soon as somebody is signed in. */
let keep: ((arrangement: Arrangement) => void) | undefined

/** From now on the account's arrangement counts; the answer ends that. */
export function arrangeFor(api: Pick<Api, 'mySettings' | 'changeMySettings'>): () => void {
  let over = false
  keep = (rooms) => {
    api.changeMySettings({ rooms }).catch(() => undefined)
  }
  api.mySettings().then(
    (settings) => {
      if (!over && settings.rooms !== undefined) take(lenient(settings.rooms))
    },
    () => undefined,
  )
  return () => {
    over = true
    keep = undefined
  }
}

/** Another device of the same person arranged the list. */
export function arrangedElsewhere(settings: Record<string, unknown>): void {
  if (settings.rooms !== undefined) take(lenient(settings.rooms))
}

export function toggleFavourite(room: number): void {
  const { favourites } = current
  arrange({
    favourites: favourites.includes(room)
      ? favourites.filter((id) => id !== room)
      : [...favourites, room],
  })
}

/** With `null` it stands among its like again. */
export function moveRoom(room: number, to: string | null): void {
  arrange({
    sections: movedTo(current.sections, room, to),
    favourites: current.favourites.filter((id) => id !== room),
  })
}

/** A new one, or another name of one that is there. */
export function keepSection(section: Section): void {
  arrange({
    sections: withSection(current.sections, section),
    favourites: current.favourites.filter((id) => !section.rooms.includes(id)),
  })
}

/** Its rooms stand among their like again. */
export function dropSection(section: string): void {
  arrange({
    sections: current.sections.filter(({ id }) => id !== section),
    folded: current.folded.filter((id) => id !== section),
  })
}

export function arrange(change: Partial<Arrangement>): void {
  take({ ...current, ...change })
  keep?.(current)
}

function take(next: Arrangement): void {
  if (JSON.stringify(next) === JSON.stringify(current)) return
  current = next
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

/** Favourites first, then sections, rooms, then conversations, each as the list has them. */
export function inOrder(rooms: readonly Room[]): Room[] {
  const byId = new Map(rooms.map((room) => [room.id, room]))
  const rows = rooms.map((room) => rowOf(room, undefined))
  const isFavourite = ({ id }: RoomRow) => current.favourites.includes(id)
  const favourites = rows.filter(isFavourite)
  const { sections } = current
  const own = sections.flatMap(({ id: section }) =>
    ordered(
      rows.filter((row) => !isFavourite(row) && holding(sections, row.id) === section),
      'name',
    ),
  )
  const rest = rows.filter((row) => !isFavourite(row) && holding(sections, row.id) === undefined)
  const houses = rest.filter(({ kind }) => kind !== 'direct')
  const directs = rest.filter(({ kind }) => kind === 'direct')
  return [
    ...ordered(favourites, 'name'),
    ...own,
    ...ordered(houses, current.order),
    ...ordered(directs, 'recent'),
  ].flatMap(({ id }) => byId.get(id) ?? [])
}
