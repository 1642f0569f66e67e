/** Rows in columns: sorted by a press on a column's head, found by half a word, page by page. */
import { useMemo, useState, type ReactNode } from 'react'
import { find } from '../../core/hangul'
import { useWords } from '../../i18n'
import { Filter } from '../people/Filter'
import { Menu, type MenuItem } from './Menu'
import './table.css'

export interface Column<T> {
  id: string
  label: string
  /** What it is sorted by. */
  by: (row: T) => string | number
  cell: (row: T) => ReactNode
  /** Left out where there is little room. */
  wide?: boolean
}

interface Props<T> {
  label: string
  rows: readonly T[] | null
  columns: readonly Column<T>[]
  idOf: (row: T) => number
  /** The words by which a row is found. */
  names: (row: T) => string[]
  actsOn?: (row: T) => MenuItem[]
  menuLabel?: (row: T) => string
  empty: string
  /** The column that it is sorted by at first, and whether from the end. */
  first?: string
  down?: boolean
  /** Beside the filter. */
  tools?: ReactNode
  /** There are more rows than these; asks for them. */
  onMore?: (() => void) | undefined
}

const PAGE = 50

const byText = new Intl.Collator(['ko', 'en'], { numeric: true })

function compare(a: string | number, b: string | number): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : byText.compare(`${a}`, `${b}`)
}

export function Table<T>({ label, rows, columns, idOf, names, ...props }: Props<T>) {
  const { actsOn, menuLabel, empty, first, down = false, tools, onMore } = props
  const w = useWords()
  const [query, setQuery] = useState('')
  const [sort, setSort] = useState({ by: first ?? columns[0]?.id ?? '', down })
  const [pages, setPages] = useState(1)
  const column = columns.find(({ id }) => id === sort.by)
  const found = useMemo(() => {
    const list = find(query, rows ?? [], names)
    if (!column || query.trim() !== '') return list
    return list.sort((a, b) => compare(column.by(a), column.by(b)) * (sort.down ? -1 : 1))
    // The functions are the same ones for the same table.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [rows, query, column?.id, sort.down])
  const shown = found.slice(0, pages * PAGE)
  return (
    <div className="table-frame">
      <div className="table-tools">
        <Filter label={w.filterTable} onQuery={setQuery} />
        {tools}
      </div>
      <div className="table-scroll" tabIndex={0} role="region" aria-label={label}>
        <table className="table" aria-busy={rows === null}>
          <caption className="unseen">{label}</caption>
          <thead>
            <tr>
              {columns.map(({ id, label: name, wide }) => (
                <th
                  key={id}
                  scope="col"
                  className={wide ? 'table-wide' : undefined}
                  aria-sort={sort.by === id ? (sort.down ? 'descending' : 'ascending') : undefined}
                >
                  <button
                    type="button"
                    onClick={() => setSort({ by: id, down: sort.by === id && !sort.down })}
                  >
                    {name}
                    <span aria-hidden="true">
                      {sort.by === id ? (sort.down ? ' ↓' : ' ↑') : ''}
                    </span>
                  </button>
                </th>
              ))}
              {actsOn && (
                <th scope="col">
                  <span className="unseen">{w.rowActions}</span>
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={idOf(row)}>
                {columns.map(({ id, cell, wide }) => (
                  <td key={id} className={wide ? 'table-wide' : undefined}>
                    {cell(row)}
                  </td>
                ))}
                {actsOn && (
                  <td className="table-acts">
                    <Menu label={menuLabel?.(row) ?? w.rowActions} items={actsOn(row)} />
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows !== null && found.length === 0 && (
        <p className="hint">{query === '' ? empty : w.nothingFound}</p>
      )}
      {rows !== null && found.length > 0 && (
        <p className="hint" role="status">
          {w.of(shown.length, found.length)}
        </p>
      )}
      {(shown.length < found.length || (rows !== null && onMore)) && (
        <button
          type="button"
          className="more"
          onClick={() => {
            setPages(pages + 1)
            if (shown.length + PAGE > found.length) onMore?.()
          }}
        >
          {w.more}
        </button>
      )}
    </div>
  )
}
