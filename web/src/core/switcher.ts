/** Going anywhere by half a name: rooms, people, commands and places in one order. */
import { rank } from './hangul'

export interface Candidate {
  /** Told apart by this. */
  key: string
  kind: 'room' | 'person' | 'command' | 'place'
  /** What it is called, also by those who speak otherwise. The first is shown. */
  names: readonly string[]
  /** Among equals the higher comes first: unread before read, recent before old. */
  weight: number
  /** Offered unasked where little else is. */
  first?: boolean
}

/** With fewer rooms than this, what can be done is offered, too. */
const FEW = 5

/** What the query may mean, best first. Without a query only what is worth offering unasked. */
export function candidates<T extends Candidate>(query: string, all: readonly T[], limit: number) {
  const asked = query.normalize('NFC').trim()
  const ranked = all.flatMap((one, index) => {
    if (asked === '') return one.kind === 'room' && one.weight > 0 ? [{ one, index, best: 0 }] : []
    const best = one.names.reduce((least, name, at) => {
      const found = rank(asked, name)
      // An alias counts less than the name that is shown.
      return found === null ? least : Math.min(least, found + (at === 0 ? 0 : 0.5))
    }, Infinity)
    return best === Infinity ? [] : [{ one, index, best }]
  })
  if (asked === '' && ranked.length < FEW) {
    all.forEach((one, index) => {
      if (one.first) ranked.push({ one, index, best: 1 })
    })
  }
  ranked.sort((a, b) => a.best - b.best || b.one.weight - a.one.weight || a.index - b.index)
  return ranked.slice(0, limit).map(({ one }) => one)
}

interface Recent {
  id: number
  unread: number
  mentions: number
}

/** What is waited for first, then what was spoken in last; the room one is in comes last. */
export function weightOf(room: Recent, current: number | undefined, place: number): number {
  if (room.id === current) return 0.5
  const recent = 1 / (1 + place)
  return 1 + recent + (room.unread > 0 ? 2 : 0) + (room.mentions > 0 ? 4 : 0)
}
