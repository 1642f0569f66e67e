import type { Query } from '../core/api'
import { myRooms, roomTitle } from '../core/model'
import { w } from '../i18n'
import { AuthorFilter } from './AuthorFilter'
import { useChat } from './context'
import { Icon } from './Icon'

export type Filters = Pick<Query, 'room_id' | 'author_id' | 'after' | 'before' | 'sort'>

interface Props {
  filters: Filters
  /** The room one is in, offered first. */
  room: number | undefined
  onFilters: (filters: Filters) => void
}

export function SearchFilters({ filters, room, onFilters }: Props) {
  const state = useChat((s) => s)
  const me = state.me?.id
  const rooms = myRooms(state).sort((a, b) => Number(b.id === room) - Number(a.id === room))
  const set = (change: Filters) => onFilters({ ...filters, ...change })
  const id = (value: string) => (value === '' ? undefined : Number(value))
  return (
    <details className="filters">
      <summary>
        <Icon name="filter" />
        {w.filters}
      </summary>
      <div className="filters-grid">
        <label>
          <span>{w.inThisRoom}</span>
          <select onChange={(e) => set({ room_id: id(e.currentTarget.value) })}>
            <option value="">{w.allRooms}</option>
            {rooms.map((r) => (
              <option key={r.id} value={r.id}>
                {roomTitle(r, me)}
              </option>
            ))}
          </select>
        </label>
        <AuthorFilter onAuthor={(author_id) => set({ author_id })} />
        <label>
          <span>{w.since}</span>
          <input type="date" onChange={(e) => set({ after: midnight(e.currentTarget.value, 0) })} />
        </label>
        <label>
          <span>{w.until}</span>
          <input
            type="date"
            onChange={(e) => set({ before: midnight(e.currentTarget.value, 1) })}
          />
        </label>
        <label>
          <span>{w.sort}</span>
          <select
            onChange={(e) =>
              set({ sort: e.currentTarget.value === 'newest' ? 'newest' : undefined })
            }
          >
            <option value="relevance">{w.byRelevance}</option>
            <option value="newest">{w.byNewest}</option>
          </select>
        </label>
      </div>
    </details>
  )
}

/** The local midnight that begins the day, or the one `days` later. */
function midnight(date: string, days: number): string | undefined {
  const [year, month, day] = date.split('-').map(Number)
  if (!year || !month || !day) return undefined
  return new Date(year, month - 1, day + days).toISOString()
}
