import { memo, useRef, useState } from 'react'
import type { Author, Room } from '../api/types'
import { find } from '../core/hangul'
import { myRooms, roomTitle } from '../core/model'
import { w } from '../i18n'
import { useChat, useClient } from './context'
import { Emblem, Icon } from './Icon'
import { usePeople } from './PickPerson'
import { go, roomPath } from './route'
import { Tile } from './Tile'
import { useEnter } from './useEnter'

interface Props {
  current: number | undefined
  onSearch: () => void
  onOpen: (dialog: Open) => void
}

/** What a button of the app opens. */
export type Open = 'create' | 'browse' | 'direct' | 'account' | null

export function Sidebar({ current, onSearch, onOpen }: Props) {
  const state = useChat((s) => s)
  const [query, setQuery] = useState('')

  const me = state.me
  const mine = myRooms(state)
  const shown = find(query, mine, (room) => [roomTitle(room, me?.id)])
  const rooms = shown.filter((room) => room.kind !== 'direct')
  const directs = shown.filter((room) => room.kind === 'direct')
  const spokenTo = new Set(
    mine
      .filter((room) => room.kind === 'direct' && room.members?.length === 2)
      .flatMap((room) => room.members?.map((user) => user.id) ?? []),
  )
  const { people: found } = usePeople(query, 8)
  const people = found.filter((user) => user.id !== me?.id && !spokenTo.has(user.id))

  return (
    <nav className="sidebar" aria-label={w.rooms}>
      <header className="sidebar-head">
        <Emblem />
        <span className="brand">{w.appName}</span>
        <button type="button" className="quiet" aria-label={w.searchMessages} onClick={onSearch}>
          <Icon name="search" />
        </button>
      </header>
      <Finder rooms={shown} people={people} query={query} onQuery={setQuery} />
      <div className="sidebar-lists">
        <Section title={w.rooms}>
          <button
            type="button"
            className="quiet"
            aria-label={w.browseRooms}
            title={w.browseRooms}
            onClick={() => onOpen('browse')}
          >
            <Icon name="compass" />
          </button>
          <button
            type="button"
            className="quiet"
            aria-label={w.newRoom}
            title={w.newRoom}
            onClick={() => onOpen('create')}
          >
            <Icon name="plus" />
          </button>
        </Section>
        <List rooms={rooms} me={me?.id} current={current} />
        {mine.length === 0 && state.loaded && (
          <div className="sidebar-empty">
            <p>{w.noRoomsYet}</p>
            <p>{w.noRoomsHint}</p>
            {/* A narrow screen has no other place that says where to begin. */}
            <div className="buttons">
              <button type="button" className="primary" onClick={() => onOpen('create')}>
                {w.firstRoom}
              </button>
              <button type="button" onClick={() => onOpen('browse')}>
                {w.openRooms}
              </button>
            </div>
          </div>
        )}
        <Section title={w.directs}>
          <button
            type="button"
            className="quiet"
            aria-label={w.newDirect}
            title={w.newDirect}
            onClick={() => onOpen('direct')}
          >
            <Icon name="plus" />
          </button>
        </Section>
        <List rooms={directs} me={me?.id} current={current} />
        <People people={people} />
        {query.trim() !== '' && shown.length + people.length === 0 && (
          <p className="sidebar-empty">{w.nothingFound}</p>
        )}
      </div>
      {me && (
        <button type="button" className="me" onClick={() => onOpen('account')}>
          <Tile id={me.id} name={me.display_name} />
          <span className="me-name">{me.display_name}</span>
          <Icon name="gear" />
          <span className="unseen">{w.account}</span>
        </button>
      )}
    </nav>
  )
}

interface FinderProps {
  rooms: Room[]
  people: Author[]
  query: string
  onQuery: (query: string) => void
}

/** Filters while a syllable is still open; Enter goes to the first that is left. */
function Finder({ rooms, people, query, onQuery }: FinderProps) {
  const client = useClient()
  const field = useRef<HTMLInputElement>(null)
  useEnter(field, (element) => {
    const first = rooms[0]
    const person = people[0]
    if (query.trim() === '') return
    if (first) go(roomPath(first.id))
    else if (person) void client.api.direct([person.id]).then((room) => go(roomPath(room.id)))
    else return
    element.value = ''
    onQuery('')
  })
  return (
    <div className="finder">
      <input
        id="finder"
        ref={field}
        type="search"
        placeholder={w.findRoom}
        aria-label={w.findRoom}
        autoComplete="off"
        spellCheck={false}
        onInput={(e) => onQuery(e.currentTarget.value)}
      />
    </div>
  )
}

function Section({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <div className="section">
      <h2>{title}</h2>
      {children}
    </div>
  )
}

interface ListProps {
  rooms: Room[]
  me: number | undefined
  current: number | undefined
}

function List({ rooms, me, current }: ListProps) {
  return (
    <ul className="planks">
      {rooms.map((room) => (
        <li key={room.id}>
          <Plank room={room} title={roomTitle(room, me)} me={me} current={room.id === current} />
        </li>
      ))}
    </ul>
  )
}

interface PlankProps {
  room: Room
  title: string
  me: number | undefined
  current: boolean
}

const Plank = memo(function Plank({ room, title, me, current }: PlankProps) {
  const unread = room.me?.unread ?? 0
  const mentions = room.me?.mentions ?? 0
  const other = room.members?.find((user) => user.id !== me)
  return (
    <a
      href={roomPath(room.id)}
      className="plank"
      aria-current={current ? 'page' : undefined}
      data-unread={unread > 0 && !current}
      onClick={(e) => {
        if (e.metaKey || e.ctrlKey || e.shiftKey) return
        e.preventDefault()
        go(roomPath(room.id))
      }}
    >
      {room.kind === 'direct' ? (
        <Tile id={other?.id ?? room.id} name={title} />
      ) : (
        <span className="mark" aria-hidden="true">
          {room.kind === 'private' ? <Icon name="lock" /> : '#'}
        </span>
      )}
      <span className="plank-title">{title}</span>
      {unread > 0 && (
        <span className={mentions > 0 || room.kind === 'direct' ? 'badge badge-loud' : 'badge'}>
          <span aria-hidden="true">{unread > 99 ? '99+' : unread}</span>
          <span className="unseen">
            {mentions > 0 ? w.mentionsOf(mentions) : w.unreadOf(unread)}
          </span>
        </span>
      )}
    </a>
  )
})

function People({ people }: { people: Author[] }) {
  const client = useClient()
  return (
    <ul className="planks">
      {people.map((user) => (
        <li key={user.id}>
          <button
            type="button"
            className="plank"
            onClick={() => {
              void client.api.direct([user.id]).then((room) => go(roomPath(room.id)))
            }}
          >
            <Tile id={user.id} name={user.display_name} />
            <span className="plank-title">{user.display_name}</span>
          </button>
        </li>
      ))}
    </ul>
  )
}
