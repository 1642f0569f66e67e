import { useState } from 'react'
import type { Room } from '../../api/types'
import { w } from '../../i18n'
import { useChat } from '../context'
import { Icon } from '../Icon'
import { Members } from '../Members'
import { RoomDialog } from '../RoomDialog'
import { Panel } from './Panel'

/** Who is in the room, and the way to what can be done with it. */
export function MembersPanel({ room, onClose }: { room: Room; onClose: () => void }) {
  const me = useChat((state) => state.me)
  const [managing, setManaging] = useState(false)
  const manages =
    room.kind !== 'direct' &&
    (room.me?.role === 'owner' || (room.kind === 'public' && me?.role === 'admin'))
  return (
    <Panel title={w.memberList} onClose={onClose}>
      <div className="panel-body">
        <Members key={room.member_count} room={room} manages={manages} />
        {room.me && room.kind !== 'direct' && (
          <button type="button" className="panel-more" onClick={() => setManaging(true)}>
            <Icon name="gear" />
            {w.manageRoom}
          </button>
        )}
      </div>
      {managing && <RoomDialog room={room} onClose={() => setManaging(false)} />}
    </Panel>
  )
}
