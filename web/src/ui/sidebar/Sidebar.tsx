/** The floor of the hall: where one can go. */
import { useState } from 'react'
import type { RoomRow } from '../../core/roomlist'
import { unreadThreads } from '../../core/threads'
import { useWords } from '../../i18n'
import { useChat } from '../context'
import { later } from '../later'
import { HouseMark } from '../HouseMark'
import { Icon, type IconName } from '../Icon'
import { Menu, type MenuItem } from '../parts/Menu'
import { go, searchPath, settingsPath, useRoute } from '../route'
import { useHouseName } from '../server'
import { show } from '../shell/overlays'
import { Tile } from '../Tile'
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
  const { order, unreadOnly } = useArrangement()
  const place = (to: string, icon: IconName, label: string, here: boolean, count = 0) => (
    <a href={to} className="place" aria-current={here ? 'page' : undefined} onClick={goTo(to)}>
      <Icon name={icon} />
      {label}
      {count > 0 && <span className="badge badge-loud">{count > 99 ? '99+' : count}</span>}
    </a>
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
        <kbd aria-hidden="true">{mac ? '⌘K' : 'Ctrl K'}</kbd>
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
      >
        {favourites.length > 0 && (
          <Section
            id="favourites"
            title={w.favourites}
            unread={favourites.some(waits)}
            tools={null}
          >
            {favourites.map((room) => (
              <Row key={room.id} row={room} current={room.id === route.room} />
            ))}
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
            {rows.map((room) => (
              <Row key={room.id} row={room} current={room.id === route.room} />
            ))}
          </Section>
        ))}
        <Section
          id="rooms"
          title={w.rooms}
          unread={rooms.some(waits)}
          tools={
            <>
              <button
                type="button"
                className="quiet"
                aria-label={w.browseRooms}
                data-tip={w.browseRooms}
                onClick={() => show({ kind: 'directory' })}
              >
                <Icon name="compass" />
              </button>
              <button
                type="button"
                className="quiet"
                aria-label={w.newRoom}
                data-tip={w.newRoom}
                onClick={() => show({ kind: 'create-room' })}
              >
                <Icon name="plus" />
              </button>
              <Menu label={w.arrangeRooms} items={roomTools} />
            </>
          }
        >
          {rooms.map((room) => (
            <Row key={room.id} row={room} current={room.id === route.room} />
          ))}
        </Section>
        {none && loaded && <Beginning />}
        <Section
          id="directs"
          title={w.directs}
          unread={directs.some(waits)}
          tools={
            <button
              type="button"
              className="quiet"
              aria-label={w.newDirect}
              data-tip={w.newDirect}
              onClick={() => show({ kind: 'direct' })}
            >
              <Icon name="plus" />
            </button>
          }
        >
          {directs.map((room) => (
            <Row key={room.id} row={room} current={room.id === route.room} />
          ))}
        </Section>
        {!loaded && <Skeleton />}
      </div>
      {me?.role === 'admin' && <FirstSteps />}
      {me && (
        <a href={settingsPath()} className="me" onClick={goTo(settingsPath())}>
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

const waits = ({ unread, mentions, muted }: RoomRow) => (muted ? mentions : unread) > 0

const mac = /Mac|iPhone|iPad/.test(navigator.userAgent)

const goTo = (to: string) => (e: React.MouseEvent) => {
  if (e.metaKey || e.ctrlKey || e.shiftKey) return
  e.preventDefault()
  go(to)
}

/** What the house is called, and what one does with it as a whole. */
function House() {
  const w = useWords()
  const admin = useChat((state) => state.me?.role === 'admin')
  const name = useHouseName()
  const items: MenuItem[] = [
    ...(admin
      ? [
          {
            label: w.invitePeople,
            icon: 'invite' as const,
            onPick: () => show({ kind: 'invite' }),
          },
          {
            label: w.administration,
            icon: 'shield' as const,
            onPick: () => go('/admin/people'),
          },
        ]
      : []),
    {
      label: w.setStatus,
      icon: 'smile',
      apart: admin,
      onPick: () => show({ kind: 'status' }),
    },
    { label: w.settings, icon: 'gear', onPick: () => go(settingsPath()) },
    { label: w.shortcuts, icon: 'keyboard', onPick: () => show({ kind: 'keys' }) },
    { label: w.signOut, icon: 'leave', apart: true, onPick: () => show({ kind: 'sign-out' }) },
  ]
  return (
    <header className="sidebar-head">
      <Menu label={w.houseMenu(name)} items={items} className="house" side="below-start">
        <HouseMark />
        <span className="brand">{name}</span>
        <Icon name="fold" />
      </Menu>
    </header>
  )
}

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
