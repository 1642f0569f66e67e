/** Where a room begins: what it is about, and what to do next in a new one. */
import type { Room } from '../../api/types'
import { takesPart } from '../../core/model'
import { useWords } from '../../i18n'
import { Icon } from '../Icon'
import { show } from '../shell/overlays'

export function Beginning({ room, title }: { room: Room; title: string }) {
  const w = useWords()
  const alone = room.me != null && room.member_count <= 1 && room.kind !== 'direct'
  return (
    <div className="room-beginning">
      <Icon name={room.kind === 'direct' ? 'chat' : room.kind === 'private' ? 'lock' : 'hash'} />
      <strong>{w.beginning(title)}</strong>
      {room.topic !== '' && <p>{room.topic}</p>}
      {alone && <p>{w.aloneHere}</p>}
      {takesPart(room) && room.kind !== 'direct' && (
        <div className="buttons">
          <button
            type="button"
            className={alone ? 'primary' : undefined}
            onClick={() => show({ kind: 'room', room: room.id, view: 'add' })}
          >
            <Icon name="invite" />
            {w.addMember}
          </button>
          {room.topic === '' && room.me?.role === 'owner' && (
            <button
              type="button"
              onClick={() => show({ kind: 'room', room: room.id, view: 'edit' })}
            >
              <Icon name="edit" />
              {w.addTopic}
            </button>
          )}
        </div>
      )}
    </div>
  )
}
