import { w } from '../../i18n'
import { useChat } from '../context'
import { Emblem } from '../Icon'
import { go } from '../route'
import type { Open } from '../Sidebar'

interface Props {
  loaded: boolean
  onOpen: (dialog: Open) => void
}

/** No room is open: where to begin. */
export function Nowhere({ loaded, onOpen }: Props) {
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

/** An address that is no place of the app. */
export function UnknownPage() {
  return (
    <main className="nowhere">
      <Emblem />
      <h1>{w.unknownPage}</h1>
      <p>{w.unknownPageHint}</p>
      <div className="buttons">
        <button type="button" className="primary" onClick={() => go('/', true)}>
          {w.toStart}
        </button>
      </div>
    </main>
  )
}
