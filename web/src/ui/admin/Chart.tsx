/** Values of days as bars, with the table that they are drawn from behind them. */
import { useState, type ReactNode } from 'react'
import { bars, ceiling, type Bar } from '../../core/dashboard'
import { useAdminWords } from '../../i18n/admin'
import { useNarrow } from '../useNarrow'

/** Of the drawing, not of the screen: it is stretched. */
const HEIGHT = 100
const WIDE = 92
const NARROW = 46

interface Props {
  label: string
  days: readonly { date: string }[]
  values: readonly number[]
  together: 'sum' | 'most'
  number: (value: number) => string
  date: (date: string) => string
  /** What is said while no day is pointed at. */
  summary: string
}

export function Chart({ label, days, values, together, number, date, summary }: Props) {
  const a = useAdminWords()
  const narrow = useNarrow()
  const [at, setAt] = useState<number | null>(null)
  const shown = bars(days, values, narrow ? NARROW : WIDE, together)
  const top = ceiling(Math.max(0, ...shown.map(({ value }) => value)))
  const step = 100 / Math.max(1, shown.length)
  const named = ({ date: from, until }: Bar) =>
    from === until ? date(from) : `${date(from)} – ${date(until)}`
  const pointed = at === null ? undefined : shown[at]
  return (
    <figure className="chart">
      <figcaption>
        <strong>{label}</strong>
        <span aria-hidden={pointed ? true : undefined}>
          {pointed ? `${named(pointed)}: ${number(pointed.value)}` : summary}
        </span>
      </figcaption>
      <div className="chart-frame">
        <span className="chart-top" aria-hidden="true">
          {number(top)}
        </span>
        <svg
          viewBox={`0 0 100 ${HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={`${label}. ${summary}`}
          onPointerMove={(e) => {
            const box = e.currentTarget.getBoundingClientRect()
            const n = Math.floor(((e.clientX - box.left) / box.width) * shown.length)
            setAt(Math.min(shown.length - 1, Math.max(0, n)))
          }}
          onPointerLeave={() => setAt(null)}
        >
          {shown.map((bar, n) => {
            const height = Math.max(bar.value > 0 ? 1 : 0, (bar.value / top) * HEIGHT)
            return (
              <rect
                key={bar.date}
                className={n === at ? 'chart-bar chart-at' : 'chart-bar'}
                x={n * step + step * 0.12}
                width={step * 0.76}
                y={HEIGHT - height}
                height={height}
              />
            )
          })}
        </svg>
        <span className="chart-ends" aria-hidden="true">
          <span>{days[0] && date(days[0].date)}</span>
          <span>{days.at(-1) && date(days.at(-1)?.date ?? '')}</span>
        </span>
      </div>
      <Behind label={label}>
        <table className="table">
          <caption className="unseen">{label}</caption>
          <thead>
            <tr>
              <th scope="col">{a.columnDay}</th>
              <th scope="col">{label}</th>
            </tr>
          </thead>
          <tbody>
            {days.map((day, n) => (
              <tr key={day.date}>
                <th scope="row">{date(day.date)}</th>
                <td>{number(values[n] ?? 0)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Behind>
    </figure>
  )
}

/** The table behind a chart, for those who want each figure or do not see the drawing. */
function Behind({ label, children }: { label: string; children: ReactNode }) {
  const a = useAdminWords()
  const [open, setOpen] = useState(false)
  return (
    <details onToggle={(e) => setOpen(e.currentTarget.open)}>
      <summary>{a.asTable}</summary>
      {open && (
        <div className="table-scroll chart-table" tabIndex={0} role="region" aria-label={label}>
          {children}
        </div>
      )}
    </details>
  )
}
