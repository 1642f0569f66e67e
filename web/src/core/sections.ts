/** Sections of the list that somebody made: which rooms stand in which. */

export interface Section {
  id: string
  name: string
  rooms: number[]
}

/** More would be no order any more. */
export const MOST = 20
export const NAME = 40

/** What another version or device wrote. */
export function sectionsOf(kept: unknown): Section[] {
  if (!Array.isArray(kept)) return []
  const taken = new Set<number>()
  return kept.slice(0, MOST).flatMap((one: Partial<Section> | null) => {
    if (typeof one?.id !== 'string' || typeof one.name !== 'string') return []
    const all = Array.isArray(one.rooms) ? one.rooms : []
    // A room stands in one place.
    const rooms = all.filter((id) => Number.isInteger(id) && !taken.has(id))
    for (const id of rooms) taken.add(id)
    return [{ id: one.id, name: one.name.slice(0, NAME), rooms }]
  })
}

/** The room in that section and in no other; with `null` in none. */
export function movedTo(sections: readonly Section[], room: number, to: string | null): Section[] {
  return sections.map((section) => {
    const rooms = section.rooms.filter((id) => id !== room)
    return { ...section, rooms: section.id === to ? [...rooms, room] : rooms }
  })
}

/** In the order of their names, as the lists themselves. */
export function withSection(sections: readonly Section[], section: Section): Section[] {
  const others = sections.filter(({ id }) => id !== section.id)
  const freed = section.rooms.reduce((rest, room) => movedTo(rest, room, null), others)
  return [...freed, section].sort((a, b) => a.name.localeCompare(b.name))
}

export function holding(sections: readonly Section[], room: number): string | undefined {
  return sections.find(({ rooms }) => rooms.includes(room))?.id
}
