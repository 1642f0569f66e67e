/** The filters of the line, each with a way to take it off. */
import { format, withFilter, type Filter, type Line } from '../../core/query'
import { useWords, type Words } from '../../i18n'
import { Icon } from '../Icon'
import '../parts/chips.css'

export function Chips({ line, onLine }: { line: Line; onLine: (line: Line) => void }) {
  const w = useWords()
  if (line.filters.length === 0) return null
  return (
    <ul className="search-chips" aria-label={w.filters}>
      {line.filters.map((filter) => (
        <li key={format({ words: '', filters: [filter] })}>
          <button
            type="button"
            className="chip"
            aria-label={`${w.clear}: ${named(w, filter)}`}
            onClick={() => onLine(withFilter(line, filter.key, ''))}
          >
            {named(w, filter)}
            <Icon name="close" />
          </button>
        </li>
      ))}
    </ul>
  )
}

export function named(w: Words, { key, value }: Filter): string {
  if (key === 'has') return w.things[value as keyof Words['things']]
  if (key === 'sort') return w.byNewest
  return w.filterChip[key](value)
}
