/** The signed-in app: rooms on the left, the room in the middle, one panel on the right. */
import { useEffect, useRef } from 'react'
import { later } from '../later'
import { myRooms, roomTitle } from '../../core/model'
import { moreWords, useWords } from '../../i18n'
import { Overlays, Tips, Toasts } from '../Behind'
import { isComposing } from '../composing'
import { useChat } from '../context'
import { badge } from '../notify/badge'
import { nowOpen, useOpened } from '../painted'
import { Profiles } from '../profile/Profiles'
import { RightSlot } from '../panel/RightSlot'
import { RoomView } from '../room/RoomView'
import { go, useRoute, type Route } from '../route'
import { useHouseName } from '../server'
import { show } from '../shell/overlays'
import { Sidebar } from '../sidebar/Sidebar'
import { useNarrow } from '../useNarrow'
import { useDraftSync } from '../write/useDraftSync'
import { Banner } from './Banner'
import { Nowhere, UnknownPage } from './Nowhere'
import { useLastRoom } from './useLastRoom'

const Threads = later(() => import('../places/Threads'))
const Mentions = later(() => import('../places/Mentions'))
const Saved = later(() => import('../places/Saved'))
const Later = later(() => import('../places/Later'))
const SettingsPage = later(withWords(() => import('../settings/SettingsPage')))
const Share = later(() => import('../share/Share'))
const AdminPage = later(withWords(() => import('../admin/AdminPage')))

/** A page with words of its own, which are there before it. */
function withWords<T>(load: () => Promise<T>): () => Promise<T> {
  return async () => {
    const [page] = await Promise.all([load(), moreWords('settings')])
    return page
  }
}

export function Hall({ onSignOut }: { onSignOut: (everywhere: boolean) => void }) {
  const w = useWords()
  const route = useRoute()
  const loaded = useChat((state) => state.loaded)
  const narrow = useNarrow()
  const isOpened = useOpened()
  const { room, page, panel, section } = route
  useTitle(room)
  useLastRoom(route)
  useDraftSync()

  useEffect(nowOpen, [])
  useSwitcher()
  useArrival(route)
  useEffect(() => {
    // Who is signed in has no business at the door.
    if (page === 'signup' || page === 'reset') go('/', true)
  }, [page])

  const pane = page === 'search' ? 'alone' : panel ? 'panel' : page === 'home' ? 'rooms' : 'room'
  const middle = () => {
    if (page === 'unknown') return <UnknownPage />
    if (page === 'share') return <Share text={route.shared} />
    if (page === 'threads') return <Threads />
    if (page === 'mentions') return <Mentions />
    if (page === 'saved') return <Saved />
    if (page === 'later') return <Later />
    if (page === 'settings') return <SettingsPage section={section} onSignOut={onSignOut} />
    if (page === 'admin') return <AdminPage section={section} />
    if (pane === 'alone') return null
    if (room === undefined || !loaded) return <Nowhere loaded={loaded} />
    // Rows are drawn once and kept: in another language they are drawn anew.
    return <RoomView key={`${room} ${w.language}`} id={room} route={route} />
  }
  return (
    <div className="hall" data-pane={pane}>
      <a className="skip" href="#middle">
        {w.skipToRoom}
      </a>
      <Pane alone={narrow && pane === 'rooms'} title={w.rooms}>
        {/* On a narrow screen a room that one came for stands before it. */}
        {(pane === 'rooms' || !narrow || isOpened) && <Sidebar />}
      </Pane>
      <div className="middle" id={pane === 'alone' ? undefined : 'middle'} tabIndex={-1}>
        <Banner />
        {middle()}
      </div>
      <Pane
        alone={pane === 'alone' || (narrow && pane === 'panel')}
        title={panel === 'search' ? w.searchMessages : w.rooms}
      >
        <RightSlot key={w.language} route={route} />
      </Pane>
      <Overlays onSignOut={onSignOut} />
      <Profiles />
      <Toasts />
      <Tips />
    </div>
  )
}

/** What stands beside the room; alone on a narrow screen it is what the page is about. */
function Pane(props: { alone: boolean; title: string; children: React.ReactNode }) {
  const { alone, title, children } = props
  return (
    <div className="pane" role={alone ? 'main' : undefined}>
      {alone && <h1 className="unseen">{title}</h1>}
      {children}
    </div>
  )
}

/** Where the focus goes by itself: where one writes, where one asks, to the list. */
const OWN = new Set<Route['page']>(['home', 'room', 'search'])

/** Who goes to another page is on it: Tab goes on there, and a screen reader reads it. */
function useArrival({ page, section }: Route): void {
  const first = useRef(true)
  useEffect(() => {
    const isFirst = first.current
    first.current = false
    if (isFirst || OWN.has(page)) return
    const middle = document.getElementById('middle')
    if (middle && !middle.contains(document.activeElement)) middle.focus({ preventScroll: true })
  }, [page, section])
}

/** Ctrl/Cmd-K is there from the first moment; the other shortcuts come with what they open. */
function useSwitcher(): void {
  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      if (e.code !== 'KeyK' || !(e.ctrlKey || e.metaKey) || e.altKey || e.shiftKey) return
      if (e.defaultPrevented || isComposing(e)) return
      e.preventDefault()
      show({ kind: 'switcher' })
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])
}

/** Where one is, and how many wait for the reader: mentions, and anything said directly. */
function useTitle(current: number | undefined): void {
  const house = useHouseName()
  const waiting = useChat((state) =>
    myRooms(state).reduce(
      (sum, { me, kind }) => sum + (kind === 'direct' ? (me?.unread ?? 0) : (me?.mentions ?? 0)),
      0,
    ),
  )
  const title = useChat((state) => {
    const room = current === undefined ? undefined : state.rooms[current]
    return room && roomTitle(room, state.me?.id)
  })
  useEffect(() => {
    const where = title === undefined ? house : `${title} · ${house}`
    document.title = waiting > 0 ? `(${waiting}) ${where}` : where
    badge(waiting)
  }, [waiting, title, house])
}
