/** Whatever lies over the app. Each comes when it is first wanted, not with the first page. */
import { useEffect } from 'react'
import { moreWords } from '../../i18n'
import { later } from '../later'
import { useChat } from '../context'
import { opened } from '../painted'
import { useRoute } from '../route'
import { hide, useOverlay, type Overlay } from './overlays'
import { useShortcuts } from './useShortcuts'

const SignOut = later(() => import('./SignOut'))
const Switcher = later(async () => {
  // It names every page.
  const [part] = await Promise.all([import('./Switcher'), moreWords('settings')])
  return part
})
const Keys = later(() => import('./Keys'))
const CreateRoom = later(() => import('../rooms/CreateRoom'))
const Directory = later(() => import('../rooms/Directory'))
const Direct = later(() => import('../rooms/Direct'))
const RoomDialog = later(() => import('../rooms/RoomDialog'))
const Forward = later(() => import('../talk/Forward'))
const Info = later(() => import('../talk/Info'))
const StatusDialog = later(() => import('../profile/StatusDialog'))
const Viewer = later(() => import('../files/Viewer'))
const SectionDialog = later(() => import('../sidebar/SectionDialog'))
const Invite = later(() => import('../rooms/Invite'))

interface Props {
  onSignOut: (everywhere: boolean) => void
}

export default function Overlays({ onSignOut }: Props) {
  const overlay = useOverlay()
  const { room } = useRoute()
  useShortcuts(room)
  // Who signs out leaves nothing open for the next one.
  useEffect(() => hide, [])
  // Who loses the network can still sign out.
  useEffect(() => {
    void opened().then(() => import('./SignOut').catch(() => undefined))
  }, [])
  // What will be wanted in a moment is fetched while nothing else is.
  useEffect(() => {
    const timer = setTimeout(() => {
      void Switcher.ahead()
    }, 3_000)
    return () => clearTimeout(timer)
  }, [])
  if (!overlay) return null
  return <One overlay={overlay} onSignOut={onSignOut} />
}

function One({ overlay, onSignOut }: Props & { overlay: Overlay }) {
  switch (overlay.kind) {
    case 'switcher':
      return <Switcher onClose={hide} />
    case 'keys':
      return <Keys onClose={hide} />
    case 'create-room':
      return <CreateRoom onClose={hide} />
    case 'section': {
      const { section, room } = overlay
      return <SectionDialog section={section} room={room} onClose={hide} />
    }
    case 'directory':
      return <Directory onClose={hide} />
    case 'direct':
      return <Direct onClose={hide} />
    case 'invite':
      return <Invite onClose={hide} />
    case 'forward':
      return <Forward message={overlay.message} onClose={hide} />
    case 'info':
      return <Info message={overlay.message} onClose={hide} />
    case 'status':
      return <StatusDialog onClose={hide} />
    case 'viewer': {
      const { room, root, file, among } = overlay
      return <Viewer room={room} root={root} file={file} among={among} onClose={hide} />
    }
    case 'sign-out':
      return <SignOut onSignOut={onSignOut} onClose={hide} />
    case 'room':
      return <Room id={overlay.room} first={overlay.view ?? 'about'} />
  }
}

function Room({
  id,
  first,
}: {
  id: number
  first: 'about' | 'add' | 'edit' | 'archive' | 'leave' | 'delete'
}) {
  const room = useChat((state) => state.rooms[id])
  return room ? <RoomDialog room={room} first={first} onClose={hide} /> : null
}
