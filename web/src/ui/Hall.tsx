/** The signed-in app: rooms on the left, the room in the middle, search on the right. */
import { useEffect, useState } from 'react'
import { myRooms } from '../core/model'
import { w } from '../i18n'
import { AccountDialog } from './AccountDialog'
import { Banner } from './Banner'
import { useChat, useClient } from './context'
import { Emblem } from './Icon'
import { BrowseDialog, CreateRoomDialog, DirectDialog } from './RoomDialogs'
import { RoomView } from './RoomView'
import { useRoute } from './route'
import { SearchPanel } from './SearchPanel'
import { Sidebar, type Open } from './Sidebar'

export function Hall({ onSignOut }: { onSignOut: (everywhere: boolean) => void }) {
  const client = useClient()
  const route = useRoute()
  const loaded = useChat((state) => state.loaded)
  const [searching, setSearching] = useState(false)
  const [dialog, setDialog] = useState<Open>(null)
  useTitle()

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
        setSearching(true)
      }
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])

  return (
    <div className="hall" data-pane={searching ? 'search' : route.room ? 'room' : 'rooms'}>
      <Sidebar current={route.room} onSearch={() => setSearching(true)} onOpen={setDialog} />
      <div className="middle">
        <Banner />
        {route.room === undefined || !loaded ? (
          <Nowhere loaded={loaded} onOpen={setDialog} />
        ) : (
          <RoomView
            key={route.room}
            id={route.room}
            target={route.message}
            onSearch={() => setSearching(true)}
          />
        )}
      </div>
      {searching && (
        <SearchPanel api={client.api} room={route.room} onClose={() => setSearching(false)} />
      )}
      {dialog === 'create' && <CreateRoomDialog onClose={() => setDialog(null)} />}
      {dialog === 'browse' && <BrowseDialog onClose={() => setDialog(null)} />}
      {dialog === 'direct' && <DirectDialog onClose={() => setDialog(null)} />}
      {dialog === 'account' && (
        <AccountDialog onClose={() => setDialog(null)} onSignOut={onSignOut} />
      )}
    </div>
  )
}

/** No room is open: where to begin. */
function Nowhere({ loaded, onOpen }: { loaded: boolean; onOpen: (dialog: Open) => void }) {
  const inRooms = useChat((state) => Object.values(state.rooms).some((room) => room.me))
  const admin = useChat((state) => state.me?.role === 'admin')
  if (!loaded || inRooms) {
    return (
      <main className="nowhere">
        <p>{loaded ? w.pickRoom : w.loading}</p>
      </main>
    )
  }
  return (
    <main className="nowhere">
      <Emblem />
      <h1>{w.welcome}</h1>
      <p>{w.noRoomsHint}</p>
      <div className="buttons">
        <button type="button" className="primary" onClick={() => onOpen('create')}>
          {w.firstRoom}
        </button>
        <button type="button" onClick={() => onOpen('browse')}>
          {w.openRooms}
        </button>
        {admin && (
          <button type="button" onClick={() => onOpen('account')}>
            {w.invitePeople}
          </button>
        )}
      </div>
    </main>
  )
}

/** How many wait for the reader, in the title: mentions, and anything said directly. */
function useTitle(): void {
  const waiting = useChat((state) =>
    myRooms(state).reduce(
      (sum, { me, kind }) => sum + (kind === 'direct' ? (me?.unread ?? 0) : (me?.mentions ?? 0)),
      0,
    ),
  )
  useEffect(() => {
    document.title = waiting > 0 ? `(${waiting}) ${w.appName}` : w.appName
  }, [waiting])
}
