import type { Room } from '../../api/types'
import { useWords } from '../../i18n'
import { Icon } from '../Icon'
import { back, go, leaveTo, panelPath, roomPath, searchPath, type Route } from '../route'

interface Props {
  room: Room
  title: string
  route: Route
}

export function RoomHead({ room, title, route }: Props) {
  const w = useWords()
  /** The same button opens and closes. */
  const toggle = (panel: 'members' | 'search', path: string) => {
    if (route.panel === panel) leaveTo(roomPath(room.id))
    else go(path)
  }
  return (
    <header className="room-head">
      <button type="button" className="quiet narrow" aria-label={w.menu} onClick={() => back('/')}>
        <Icon name="back" />
      </button>
      <div className="room-title">
        <h1>{title}</h1>
        {room.topic !== '' && <p>{room.topic}</p>}
      </div>
      <button
        type="button"
        className="quiet"
        aria-expanded={route.panel === 'members'}
        onClick={() => toggle('members', panelPath(room.id, 'members'))}
      >
        <Icon name="people" />
        <span>{room.member_count.toLocaleString()}</span>
        <span className="unseen">{w.memberList}</span>
      </button>
      <button
        type="button"
        className="quiet"
        aria-label={w.searchMessages}
        aria-expanded={route.panel === 'search'}
        onClick={() => toggle('search', searchPath(room.id))}
      >
        <Icon name="search" />
      </button>
    </header>
  )
}
