/** Whatever lies over the app. Each comes when it is first wanted, not with the first page. */
import { lazy, Suspense, useEffect } from 'react'
import { useChat } from '../context'
import { useRoute } from '../route'
import { hide, useOverlay, type Overlay } from './overlays'
import { useShortcuts } from './useShortcuts'

const Switcher = lazy(() => import('./Switcher'))
const Keys = lazy(() => import('./Keys'))
const SignOut = lazy(() => import('./SignOut'))
const CreateRoom = lazy(() => import('../rooms/CreateRoom'))
const Directory = lazy(() => import('../rooms/Directory'))
const Direct = lazy(() => import('../rooms/Direct'))
const RoomDialog = lazy(() => import('../rooms/RoomDialog'))
const Invite = lazy(() => import('../rooms/Invite'))

interface Props {
  onSignOut: (everywhere: boolean) => void
}

export function Overlays({ onSignOut }: Props) {
  const overlay = useOverlay()
  const { room } = useRoute()
  useShortcuts(room)
  // Who signs out leaves nothing open for the next one.
  useEffect(() => hide, [])
  // What will be wanted in a moment is fetched while nothing else is.
  useEffect(() => {
    const timer = setTimeout(() => void import('./Switcher'), 3_000)
    return () => clearTimeout(timer)
  }, [])
  if (!overlay) return null
  return (
    // One that is left is not kept while the next one is fetched.
    <Suspense key={overlay.kind}>
      <One overlay={overlay} onSignOut={onSignOut} />
    </Suspense>
  )
}

function One({ overlay, onSignOut }: Props & { overlay: Overlay }) {
  switch (overlay.kind) {
    case 'switcher':
      return <Switcher onClose={hide} />
    case 'keys':
      return <Keys onClose={hide} />
    case 'create-room':
      return <CreateRoom onClose={hide} />
    case 'directory':
      return <Directory onClose={hide} />
    case 'direct':
      return <Direct onClose={hide} />
    case 'invite':
      return <Invite onClose={hide} />
    case 'sign-out':
      return <SignOut onSignOut={onSignOut} onClose={hide} />
    case 'room':
      return <Room id={overlay.room} first={overlay.view ?? 'about'} />
  }
}

function Room({ id, first }: { id: number; first: 'about' | 'add' | 'edit' | 'leave' | 'delete' }) {
  const room = useChat((state) => state.rooms[id])
  return room ? <RoomDialog room={room} first={first} onClose={hide} /> : null
}
