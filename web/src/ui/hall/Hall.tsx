/** The signed-in app: rooms on the left, the room in the middle, one panel on the right. */
import { useEffect, useState } from 'react'
import { myRooms, roomTitle } from '../../core/model'
import { w } from '../../i18n'
import { AccountDialog } from '../AccountDialog'
import { useChat } from '../context'
import { RightSlot } from '../panel/RightSlot'
import { BrowseDialog, CreateRoomDialog, DirectDialog } from '../RoomDialogs'
import { RoomView } from '../room/RoomView'
import { go, leaveTo, searchPath, settingsPath, useRoute } from '../route'
import { Sidebar, type Open } from '../Sidebar'
import { Banner } from './Banner'
import { Nowhere, UnknownPage } from './Nowhere'
import { useLastRoom } from './useLastRoom'

export function Hall({ onSignOut }: { onSignOut: (everywhere: boolean) => void }) {
  const route = useRoute()
  const loaded = useChat((state) => state.loaded)
  const [dialog, setDialog] = useState<Open>(null)
  const { room, page, panel } = route
  useTitle(room)
  useLastRoom(route)

  const search = () => go(searchPath(room))
  const open = (what: Open) => {
    if (what === 'account') go(settingsPath())
    else setDialog(what)
  }

  useEffect(() => {
    // Who is signed in has no business at the door.
    if (page === 'signup') go('/', true)
  }, [page])

  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      // By the key's place: the letter depends on the language the keyboard is in.
      if (!(e.ctrlKey || e.metaKey) || e.altKey) return
      if (e.code === 'KeyK' && !e.shiftKey) {
        e.preventDefault()
        document.getElementById('finder')?.focus()
      }
      if (e.code === 'KeyF' && e.shiftKey) {
        e.preventDefault()
        go(searchPath(room))
      }
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [room])

  return (
    <div className="hall" data-pane={panel ? 'panel' : room === undefined ? 'rooms' : 'room'}>
      <Sidebar current={room} onSearch={search} onOpen={open} />
      <div className="middle">
        <Banner />
        {page === 'unknown' ? (
          <UnknownPage />
        ) : room === undefined || !loaded ? (
          <Nowhere loaded={loaded} onOpen={open} />
        ) : (
          <RoomView key={room} id={room} route={route} />
        )}
      </div>
      <RightSlot route={route} />
      {dialog === 'create' && <CreateRoomDialog onClose={() => setDialog(null)} />}
      {dialog === 'browse' && <BrowseDialog onClose={() => setDialog(null)} />}
      {dialog === 'direct' && <DirectDialog onClose={() => setDialog(null)} />}
      {page === 'settings' && <AccountDialog onClose={() => leaveTo('/')} onSignOut={onSignOut} />}
    </div>
  )
}

/** Where one is, and how many wait for the reader: mentions, and anything said directly. */
function useTitle(current: number | undefined): void {
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
    const where = title === undefined ? w.appName : `${title} · ${w.appName}`
    document.title = waiting > 0 ? `(${waiting}) ${where}` : where
  }, [waiting, title])
}
