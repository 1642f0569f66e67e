import type { Room } from '../../api/types'
import { useWords } from '../../i18n'
import { useChat } from '../context'
import { Icon } from '../Icon'
import { Members } from '../rooms/Members'
import { mayManage } from '../rooms/manage'
import { show } from '../shell/overlays'
import { Panel } from './Panel'

/** Who is in the room, and the way to what can be done with it. */
export default function MembersPanel({ room, onClose }: { room: Room; onClose: () => void }) {
  const w = useWords()
  const role = useChat((state) => state.me?.role)
  return (
    <Panel title={w.memberList} note={w.members(room.member_count)} onClose={onClose}>
      <div className="panel-body">
        {room.me && room.kind !== 'direct' && (
          <div className="panel-acts">
            <button
              type="button"
              onClick={() => show({ kind: 'room', room: room.id, view: 'add' })}
            >
              <Icon name="invite" />
              {w.addMember}
            </button>
            <button type="button" onClick={() => show({ kind: 'room', room: room.id })}>
              {w.manageRoom}
            </button>
          </div>
        )}
        <Members
          key={room.member_count}
          room={room}
          titled={false}
          manages={mayManage(room, role)}
        />
      </div>
    </Panel>
  )
}
