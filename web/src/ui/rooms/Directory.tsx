/** All public rooms: found by half a name, looked into before one joins. */
import { useMemo, useRef, useState } from 'react'
import type { Room } from '../../api/types'
import { find } from '../../core/hangul'
import { brief } from '../../core/time'
import { useWords } from '../../i18n'
import { useArchiveWords } from '../../i18n/archive'
import { useChat, useClient } from '../context'
import { Icon } from '../Icon'
import { Dialog } from '../parts/Dialog'
import { useCombobox } from '../parts/useCombobox'
import { Problem } from '../Problem'
import { go, roomPath } from '../route'
import { show } from '../shell/overlays'
import { useAction } from '../useAction'
import { useDirectory } from './useDirectory'
import './rooms.css'

/** More than these are found by typing. */
const SHOWN = 100

export default function Directory({ onClose }: { onClose: () => void }) {
  const w = useWords()
  const kept = useArchiveWords()
  const client = useClient()
  const rooms = useChat((state) => state.rooms)
  const [query, setQuery] = useState('')
  const [archived, setArchived] = useState(false)
  useDirectory(query.trim(), archived)
  const field = useRef<HTMLInputElement>(null)
  const action = useAction()
  const all = useMemo(
    () =>
      Object.values(rooms)
        .filter((room) =>
          archived
            ? room.archived && room.kind !== 'direct'
            : room.kind === 'public' && !room.archived,
        )
        .sort((a, b) => Number(!!a.me) - Number(!!b.me) || b.member_count - a.member_count),
    [rooms, archived],
  )
  const found = useMemo(() => find(query, all, (room) => [room.name, room.topic]), [query, all])
  const shown = found.slice(0, SHOWN)

  const look = (room: Room | undefined) => {
    if (!room) return
    onClose()
    go(roomPath(room.id))
  }
  const join = (room: Room) =>
    action.run(async () => {
      await client.api.join(room.id)
      await client.refresh(room.id)
      look(room)
    })
  const box = useCombobox({
    field,
    count: shown.length,
    question: query,
    loose: true,
    onPick: (index) => look(shown[index]),
    onEnter: () => look(shown[0]),
  })
  return (
    <Dialog
      title={w.browseRooms}
      size="large"
      onClose={onClose}
      foot={
        <>
          <button
            type="button"
            className="toggle"
            aria-pressed={archived}
            onClick={() => setArchived(!archived)}
          >
            <Icon name="archive" /> {kept.archivedRooms}
          </button>
          <button type="button" onClick={() => show({ kind: 'create-room' })}>
            <Icon name="plus" /> {w.newRoom}
          </button>
        </>
      }
    >
      <div className="finder">
        <Icon name="search" />
        <input
          ref={field}
          type="search"
          placeholder={w.findOpenRoom}
          aria-label={w.findOpenRoom}
          autoComplete="off"
          spellCheck={false}
          onInput={(e) => setQuery(e.currentTarget.value)}
          onKeyDown={box.input.onKeyDown}
        />
      </div>
      <Problem text={action.problem} />
      <ul className="directory">
        {shown.map((room, index) => (
          <li key={room.id} className="directory-room" data-marked={index === box.marked}>
            <button type="button" className="choice" onClick={() => look(room)}>
              <span className="mark" aria-hidden="true">
                <Icon name={room.kind === 'private' ? 'lock' : 'hash'} />
              </span>
              <span className="choice-text">
                <strong>{room.name}</strong>
                <small>{about(room)}</small>
              </span>
            </button>
            {room.archived || room.me ? (
              <span className="tag">{room.archived ? w.archived : w.joined}</span>
            ) : (
              <button
                type="button"
                aria-label={`${w.join}: ${room.name}`}
                onClick={() => join(room)}
              >
                {w.join}
              </button>
            )}
          </li>
        ))}
      </ul>
      {found.length > SHOWN && <p className="hint">{w.moreRooms(found.length - SHOWN)}</p>}
      {found.length === 0 && (
        <div className="empty">
          <Icon name="compass" />
          <strong>{query !== '' ? w.nothingFound : archived ? kept.noArchived : w.noBrowse}</strong>
          <button type="button" onClick={() => show({ kind: 'create-room' })}>
            {w.newRoom}
          </button>
        </div>
      )}
    </Dialog>
  )

  function about(room: Room): string {
    const last = room.last_message
    return [
      w.members(room.member_count),
      ...(last ? [w.lastSaid(brief(last.sent_at, w.language, client.now()))] : []),
      ...(room.topic === '' ? [] : [room.topic]),
    ].join(' · ')
  }
}
