import { memo } from 'react'
import { day, dayKey } from '../../core/time'
import { useWords } from '../../i18n'

interface Props {
  at: string
  /** Today's day key. */
  today: string
}

/** The day that begins here; it stays at the top of the view while one reads it. */
export const DayRow = memo(function DayRow({ at, today }: Props) {
  const w = useWords()
  const key = dayKey(at)
  const now = new Date(`${today}T12:00:00`)
  const yesterday = dayKey(new Date(now.getTime() - 86_400_000).toISOString())
  const near = key === today ? w.today : key === yesterday ? w.yesterday : null
  return (
    <li className="day-line">
      <span>
        {near !== null && <b>{near} </b>}
        <time dateTime={key}>{day(at, w.language, now)}</time>
      </span>
    </li>
  )
})
