import type { Room } from '../../api/types'
import { sentence, useWords } from '../../i18n'
import { useClient } from '../context'
import { Icon } from '../Icon'
import { Menu, type MenuItem } from '../parts/Menu'
import { toast } from '../parts/toasts'
import { show } from '../shell/overlays'
import { toggleFavourite, useArrangement } from '../sidebar/order'
import { back, go, leaveTo, panelPath, roomPath, searchPath, type Route } from '../route'

interface Props {
  room: Room
  title: string
  route: Route
}

export function RoomHead({ room, title, route }: Props) {
  const w = useWords()
  const client = useClient()
  /** The same button opens and closes. */
  const toggle = (panel: 'members' | 'search' | 'pins' | 'files', path: string) => {
    if (route.panel === panel) leaveTo(roomPath(room.id))
    else go(path)
  }
  const { favourites } = useArrangement()
  const isFavourite = favourites.includes(room.id)
  const level = room.me?.notifications
  const items: MenuItem[] = [
    { label: w.pins, icon: 'pin', onPick: () => go(panelPath(room.id, 'pins')) },
    { label: w.files, icon: 'clip', onPick: () => go(panelPath(room.id, 'files')) },
    ...(room.me
      ? [
          {
            label: isFavourite ? w.unfavourite : w.favourite,
            icon: 'star' as const,
            apart: true,
            onPick: () => toggleFavourite(room.id),
          },
          ...(['all', 'mentions', 'none'] as const).map((to, n) => ({
            label: { all: w.notifyAll, mentions: w.notifyMentions, none: w.notifyNone }[to],
            apart: n === 0,
            checked: level === to,
            onPick: () => {
              client.api
                .notify(room.id, to)
                .catch((error: unknown) => toast({ text: sentence(error) }))
            },
          })),
        ]
      : []),
    {
      label: w.aboutRoom,
      icon: 'people',
      apart: true,
      onPick: () => show({ kind: 'room', room: room.id }),
    },
  ]
  return (
    <header className="room-head">
      <button type="button" className="quiet narrow" aria-label={w.menu} onClick={() => back('/')}>
        <Icon name="back" />
      </button>
      <div className="room-title">
        <h1>
          {title}
          {room.archived && (
            <>
              {' '}
              <span className="tag">{w.archived}</span>
            </>
          )}
        </h1>
        {room.topic !== '' && <p>{room.topic}</p>}
      </div>
      {(['pins', 'files'] as const).map((panel) => (
        <button
          key={panel}
          type="button"
          className="quiet head-wide"
          aria-label={panel === 'pins' ? w.pins : w.files}
          data-tip={panel === 'pins' ? w.pins : w.files}
          aria-expanded={route.panel === panel}
          onClick={() => toggle(panel, panelPath(room.id, panel))}
        >
          <Icon name={panel === 'pins' ? 'pin' : 'clip'} />
        </button>
      ))}
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
      <Menu label={w.roomMenu(title)} items={items} />
    </header>
  )
}
