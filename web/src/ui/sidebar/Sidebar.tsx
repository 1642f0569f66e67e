/** The floor of the hall: where one can go. */
import { useState } from 'react'
import type { RoomRow } from '../../core/roomlist'
import { unreadThreads } from '../../core/threads'
import { useWords } from '../../i18n'
import { useChat } from '../context'
import { later } from '../later'
import { Icon, type IconName } from '../Icon'
import { isMac } from '../mac'
import { Menu, type MenuItem } from '../parts/Menu'
import { moved } from '../parts/moved'
import { following, searchPath, settingsPath, useRoute } from '../route'
import { show } from '../shell/overlays'
import { Tile } from '../Tile'
import { House } from './House'
import { arrange, useArrangement } from './order'
import { Row } from './Row'
import { Section, SectionMenu } from './Section'
import { useRows } from './useRows'
import './sidebar.css'

const FirstSteps = later(() => import('../start/FirstSteps'))

export function Sidebar() {
  const w = useWords()
  const route = useRoute()
  const me = useChat((state) => state.me)
  const loaded = useChat((state) => state.loaded)
  const [still, setStill] = useState<readonly number[] | null>(null)
  const { favourites, own, rooms, directs, none } = useRows(still, route.room)
  const hold = () => {
    const all = [...favourites, ...own.flatMap((one) => one.rows), ...rooms, ...directs]
    setStill((now) => now ?? all.map(({ id }) => id))
  }
  const threads = useChat(unreadThreads)
  const status = useChat((state) => (state.me ? state.users[state.me.id]?.status : null))
  const release = () => setStill(null)
  const { order, unreadOnly, folded } = useArrangement()
  const place = (to: string, icon: IconName, label: string, here: boolean, count = 0) => (
    <a href={to} className="place" aria-current={here ? 'page' : undefined} onClick={following(to)}>
      <Icon name={icon} />
      {label}
      {count > 0 && <span className="badge badge-loud">{count > 99 ? '99+' : count}</span>}
    </a>
  )
  const list = (rows: readonly RoomRow[], section: string) =>
    rows.map((row, at) => {
      const current = row.id === route.room
      const isFirst = at === 0 && !rows.some(({ id }) => id === route.room)
      // Of what is folded in few are seen.
      const stop = current || isFirst || folded.includes(section)
      return <Row key={row.id} row={row} current={current} stop={stop} />
    })
  const tool = (icon: IconName, label: string, overlay: Parameters<typeof show>[0]) => (
    <button
      type="button"
      className="quiet"
      aria-label={label}
      data-tip={label}
      onClick={() => show(overlay)}
    >
      <Icon name={icon} />
    </button>
  )
  const roomTools: MenuItem[] = [
    { label: w.newRoom, icon: 'plus', onPick: () => show({ kind: 'create-room' }) },
    { label: w.browseRooms, icon: 'compass', onPick: () => show({ kind: 'directory' }) },
    { label: w.newSection, icon: 'plus', onPick: () => show({ kind: 'section' }) },
    {
      label: w.byName,
      apart: true,
      checked: order === 'name',
      onPick: () => arrange({ order: 'name' }),
    },
    {
      label: w.byRecent,
      checked: order === 'recent',
      onPick: () => arrange({ order: 'recent' }),
    },
    {
      label: w.unreadOnly,
      apart: true,
      checked: unreadOnly,
      onPick: () => arrange({ unreadOnly: !unreadOnly }),
    },
  ]
  return (
    <nav className="sidebar" aria-label={w.rooms}>
      <House />
      <button
        type="button"
        className="jump"
        aria-keyshortcuts="Control+K Meta+K"
        onClick={() => show({ kind: 'switcher' })}
      >
        <Icon name="search" />
        <span>{w.jumpTo}</span>
        <kbd aria-hidden="true">{isMac ? '⌘K' : 'Ctrl K'}</kbd>
      </button>
      <div className="places">
        {place(searchPath(undefined), 'search', w.searchMessages, route.page === 'search')}
        {place('/threads', 'threads', w.threads, route.page === 'threads', threads)}
        {place('/mentions', 'at', w.mentions, route.page === 'mentions')}
        {place('/saved', 'flag', w.savedPlace, route.page === 'saved')}
        {place('/later', 'clock', w.unsentPlace, route.page === 'later')}
      </div>
      {/* Under a pointer or the focus nothing changes places. */}
      <div
        className="sidebar-lists"
        onPointerEnter={hold}
        onPointerLeave={release}
        onFocus={hold}
        onBlur={release}
        onKeyDown={moveFocus}
      >
        {favourites.length > 0 && (
          <Section
            id="favourites"
            title={w.favourites}
            unread={favourites.some(waits)}
            tools={null}
          >
            {list(favourites, 'favourites')}
          </Section>
        )}
        {own.map(({ section, rows }) => (
          <Section
            key={section.id}
            id={section.id}
            title={section.name}
            unread={rows.some(waits)}
            tools={<SectionMenu section={section} />}
          >
            {list(rows, section.id)}
          </Section>
        ))}
        <Section
          id="rooms"
          title={w.rooms}
          unread={rooms.some(waits)}
          tools={
            <>
              {tool('compass', w.browseRooms, { kind: 'directory' })}
              {tool('plus', w.newRoom, { kind: 'create-room' })}
              <Menu label={w.arrangeRooms} items={roomTools} />
            </>
          }
        >
          {list(rooms, 'rooms')}
        </Section>
        {none && loaded && <Beginning />}
        <Section
          id="directs"
          title={w.directs}
          unread={directs.some(waits)}
          tools={tool('plus', w.newDirect, { kind: 'direct' })}
        >
          {list(directs, 'directs')}
        </Section>
        {!loaded && <Skeleton />}
      </div>
      {me?.role === 'admin' && <FirstSteps />}
      {me && (
        <a href={settingsPath()} className="me" onClick={following(settingsPath())}>
          <Tile id={me.id} name={me.display_name} />
          <span className="me-name">
            <strong>{me.display_name}</strong>
            <small>
              {status?.emoji}
              {status?.emoji != null && ' '}
              {status?.text ?? (status?.emoji != null ? '' : `@${me.username}`)}
            </small>
          </span>
          <Icon name="gear" />
          <span className="unseen">{w.settings}</span>
        </a>
      )}
    </nav>
  )
}

/** Up and down go from room to room through all parts of the list; M opens what can be done. */
function moveFocus(e: React.KeyboardEvent<HTMLElement>): void {
  if (!(e.target instanceof HTMLElement) || !e.target.matches('.plank')) return
  if (e.ctrlKey || e.metaKey || e.altKey || e.shiftKey) return
  if (e.code === 'KeyM') {
    e.preventDefault()
    e.target.parentElement?.querySelector<HTMLElement>('.plank-more')?.click()
    return
  }
  const all = [...e.currentTarget.querySelectorAll<HTMLElement>('.plank')].filter((plank) =>
    plank.checkVisibility(),
  )
  const at = moved(e.key, all.indexOf(e.target), all.length, 'vertical', false)
  if (at === null) return
  e.preventDefault()
  all[at]?.focus()
}

const waits = ({ unread, mentions, muted }: RoomRow) => (muted ? mentions : unread) > 0

/** A narrow screen has no other place that says where to begin. */
function Beginning() {
  const w = useWords()
  return (
    <div className="sidebar-empty">
      <p>{w.noRoomsYet}</p>
      <p>{w.noRoomsHint}</p>
      <div className="buttons">
        <button type="button" className="primary" onClick={() => show({ kind: 'create-room' })}>
          {w.newRoom}
        </button>
        <button type="button" onClick={() => show({ kind: 'directory' })}>
          {w.browseRooms}
        </button>
      </div>
    </div>
  )
}

function Skeleton() {
  return (
    <div className="sidebar-waiting" aria-hidden="true">
      {[62, 78, 48, 70, 56].map((width) => (
        <span key={width} className="skeleton" style={{ width: `${width}%` }} />
      ))}
    </div>
  )
}
