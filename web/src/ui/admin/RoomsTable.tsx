import { useMemo } from 'react'
import type { Room } from '../../api/types'
import { brief } from '../../core/time'
import { useWords } from '../../i18n'
import { useChat, useClient } from '../context'
import { Icon } from '../Icon'
import { Table } from '../parts/Table'
import { go, roomPath } from '../route'
import { mayManage } from '../rooms/manage'
import { useDirectory } from '../rooms/useDirectory'
import { show } from '../shell/overlays'

/** The rooms that one may see. */
export function RoomsTable() {
  const w = useWords()
  const client = useClient()
  useDirectory('')
  const all = useChat((state) => state.rooms)
  const role = useChat((state) => state.me?.role)
  const rooms = useMemo(() => Object.values(all).filter((room) => room.kind !== 'direct'), [all])
  const last = (room: Room) => room.last_message?.sent_at
  return (
    <Table
      label={w.adminRooms}
      rows={rooms}
      columns={[
        {
          id: 'name',
          label: w.columnName,
          by: (room) => room.name,
          cell: (room) => (
            <a
              href={roomPath(room.id)}
              onClick={(e) => {
                if (e.metaKey || e.ctrlKey || e.shiftKey) return
                e.preventDefault()
                go(roomPath(room.id))
              }}
            >
              {room.name}
            </a>
          ),
        },
        {
          id: 'kind',
          label: w.columnKind,
          by: (room) => room.kind,
          cell: (room) => (
            <span className="cell-person">
              <Icon name={room.kind === 'private' ? 'lock' : 'hash'} />
              {room.kind === 'private' ? w.kindPrivate : w.kindPublic}
            </span>
          ),
          wide: true,
        },
        {
          id: 'members',
          label: w.columnMembers,
          by: (room) => room.member_count,
          cell: (room) => room.member_count.toLocaleString(w.language),
        },
        {
          id: 'last',
          label: w.columnLast,
          by: (room) => room.last_message?.id ?? 0,
          cell: (room) => {
            const at = last(room)
            return at === undefined ? '–' : brief(at, w.language, client.now())
          },
          wide: true,
        },
      ]}
      idOf={(room) => room.id}
      names={(room) => [room.name, room.topic]}
      actsOn={(room) => [
        {
          label: w.aboutRoom,
          icon: 'people',
          onPick: () => show({ kind: 'room', room: room.id }),
        },
        ...(mayManage(room, role)
          ? [
              {
                label: w.changeRoom,
                icon: 'edit' as const,
                onPick: () => show({ kind: 'room', room: room.id, view: 'edit' }),
              },
              {
                label: w.deleteRoom,
                icon: 'trash' as const,
                danger: true,
                apart: true,
                onPick: () => show({ kind: 'room', room: room.id, view: 'delete' }),
              },
            ]
          : []),
      ]}
      menuLabel={(room) => w.roomMenu(room.name)}
      empty={w.noBrowse}
    />
  )
}
