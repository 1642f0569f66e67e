/** The lists as they are shown: arranged, held still under a pointer. */
import { useMemo } from 'react'
import type { Section } from '../../core/sections'
import { held, ordered, rowOf, type RoomRow } from '../../core/roomlist'
import { takesPart } from '../../core/model'
import { useChat } from '../context'
import { useArrangement } from './order'

interface Rows {
  favourites: RoomRow[]
  own: { section: Section; rows: RoomRow[] }[]
  rooms: RoomRow[]
  directs: RoomRow[]
  /** One is in no room at all. */
  none: boolean
}

/** `still`: the order that stays while somebody points at it; `null` where nobody does. */
export function useRows(still: readonly number[] | null, current: number | undefined): Rows {
  const all = useChat((state) => state.rooms)
  const me = useChat((state) => state.me?.id)
  const { order, unreadOnly, favourites, sections } = useArrangement()
  const mine = useMemo(
    () => Object.values(all).flatMap((room) => (takesPart(room) ? [rowOf(room, me)] : [])),
    [all, me],
  )
  return useMemo(() => {
    const waits = (row: RoomRow) =>
      !unreadOnly || (row.unread > 0 && !row.muted) || row.mentions > 0 || row.id === current
    const onTop = new Set(favourites)
    const inOwn = new Set(sections.flatMap(({ rooms }) => rooms))
    const kind = (direct: boolean) =>
      mine.filter(
        (row) =>
          !onTop.has(row.id) &&
          !inOwn.has(row.id) &&
          (row.kind === 'direct') === direct &&
          waits(row),
      )
    const place = (rows: RoomRow[], by: 'name' | 'recent') =>
      still ? held(ordered(rows, by), still) : ordered(rows, by)
    return {
      favourites: place(
        mine.filter((row) => onTop.has(row.id)),
        'name',
      ),
      own: sections.map((section) => ({
        section,
        rows: place(
          mine.filter((row) => section.rooms.includes(row.id) && !onTop.has(row.id) && waits(row)),
          'name',
        ),
      })),
      rooms: place(kind(false), order),
      directs: place(kind(true), 'recent'),
      none: mine.length === 0,
    }
  }, [mine, order, unreadOnly, favourites, sections, current, still])
}
