/** A place of one's own beside the rooms: a head and a list. */
import { useEffect, useState, type ReactNode } from 'react'
import { useWords } from '../../i18n'
import { Icon, type IconName } from '../Icon'
import { Problem } from '../Problem'
import { back } from '../route'
import './places.css'

interface Props {
  title: string
  note: string
  /** Stand at the end of the head. */
  tools?: ReactNode
  children: ReactNode
}

export function Place({ title, note, tools, children }: Props) {
  const w = useWords()
  return (
    <main className="place-page" aria-label={title}>
      <header className="room-head">
        <button
          type="button"
          className="quiet narrow"
          aria-label={w.menu}
          onClick={() => back('/')}
        >
          <Icon name="back" />
        </button>
        <div className="room-title">
          <h1>{title}</h1>
          <p>{note}</p>
        </div>
        {tools}
      </header>
      <div className="place-body" tabIndex={0} role="region" aria-label={title}>
        {children}
      </div>
    </main>
  )
}

interface ListProps {
  /** Nothing was answered yet. */
  waiting: boolean
  problem: string | null
  isEmpty: boolean
  icon: IconName
  empty: string
  hint: string
  /** There is more to be loaded. */
  onMore?: (() => void) | undefined
  children: ReactNode
}

/** What is said while a list is loaded, where it fails, and where it has nothing. */
export function PlaceList(props: ListProps) {
  const w = useWords()
  const { waiting, problem, isEmpty, icon, empty, hint, onMore, children } = props
  return (
    <>
      <Problem text={problem} />
      {waiting && problem === null && <Skeleton />}
      {isEmpty && (
        <div className="panel-empty">
          <Icon name={icon} />
          <strong>{empty}</strong>
          <p>{hint}</p>
        </div>
      )}
      <ul className="cards">{children}</ul>
      {onMore && (
        <button type="button" className="more" onClick={onMore}>
          {w.more}
        </button>
      )}
    </>
  )
}

/** Only where it takes a while. */
function Skeleton() {
  const w = useWords()
  const [late, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 300)
    return () => clearTimeout(timer)
  }, [])
  return (
    <div role="status" className="cards-waiting">
      <span className="unseen">{w.loading}</span>
      {late &&
        [70, 52, 84].map((width) => (
          <span key={width} className="skeleton" style={{ width: `${width}%` }} />
        ))}
    </div>
  )
}
