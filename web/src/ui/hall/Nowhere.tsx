import { useWords } from '../../i18n'
import { useChat } from '../context'
import { Emblem } from '../Icon'
import { go } from '../route'
import { show } from '../shell/overlays'

/** No room is open: where to begin. */
export function Nowhere({ loaded }: { loaded: boolean }) {
  const w = useWords()
  const inRooms = useChat((state) => Object.values(state.rooms).some((room) => room.me))
  const admin = useChat((state) => state.me?.role === 'admin')
  if (!loaded || inRooms) {
    return (
      <main className="nowhere">
        {loaded ? (
          <>
            <Emblem />
            <h1>{w.pickRoom}</h1>
            <div className="buttons">
              <button type="button" className="primary" onClick={() => show({ kind: 'switcher' })}>
                {w.jumpTo}
              </button>
              <button type="button" onClick={() => show({ kind: 'directory' })}>
                {w.openRooms}
              </button>
            </div>
          </>
        ) : (
          <p role="status">{w.loading}</p>
        )}
      </main>
    )
  }
  return (
    <main className="nowhere">
      <Emblem />
      <h1>{w.welcome}</h1>
      <p>{w.noRoomsHint}</p>
      <div className="buttons">
        <button type="button" className="primary" onClick={() => show({ kind: 'create-room' })}>
          {w.firstRoom}
        </button>
        <button type="button" onClick={() => show({ kind: 'directory' })}>
          {w.openRooms}
        </button>
        {admin && (
          <button type="button" onClick={() => show({ kind: 'invite' })}>
            {w.invitePeople}
          </button>
        )}
      </div>
    </main>
  )
}

/** An address that is no place of the app. */
export function UnknownPage() {
  const w = useWords()
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
