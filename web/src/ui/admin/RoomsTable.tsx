import { useEffect, useMemo, useState } from 'react'
import type { OwnedRoom, Room } from '../../api/types'
import { brief } from '../../core/time'
import { useWords } from '../../i18n'
import { useAdminWords } from '../../i18n/admin'
import { useArchiveWords } from '../../i18n/archive'
import { useChat, useClient } from '../context'
import { Icon } from '../Icon'
import { Table } from '../parts/Table'
import { Problem } from '../Problem'
import { roomPath } from '../route'
import { mayManage } from '../rooms/manage'
import { show } from '../shell/overlays'
import { useAction } from '../useAction'
import { administration } from './calls'
import { Goto } from './Goto'
import { Retention } from './Retention'

/** The rooms that one may see, with who answers for them and how long they keep messages. */
export default function RoomsTable() {
  const w = useWords()
  const kept = useArchiveWords()
  const a = useAdminWords()
  const client = useClient()
  const { api } = client
  const role = useChat((state) => state.me?.role)
  // What happens to a room meanwhile is heard here.
  const known = useChat((state) => state.rooms)
  const [asked, setAsked] = useState<OwnedRoom[] | null>(null)
  const [archived, setArchived] = useState(false)
  const [keeping, setKeeping] = useState<Room | null>(null)
  const { problem, run } = useAction()
  useEffect(() => {
    let over = false
    run(async () => {
      const all: OwnedRoom[] = []
      let cursor: string | null | undefined
      do {
        const page = await administration(api).rooms(archived, cursor ?? undefined)
        if (over) return
        all.push(...page.rooms)
        for (const room of page.rooms)
          client.store.dispatch({
            type: 'room',
            room,
            asked: client.store.state.position?.seq ?? 0,
          })
        setAsked([...all])
        cursor = page.cursor
      } while (cursor != null)
    })
    return () => {
      over = true
    }
  }, [api, client, run, archived])
  const rooms = useMemo(
    () =>
      asked
        ?.flatMap((room) => known[room.id] ?? [])
        .filter((room) => !!room.archived === archived) ?? null,
    [asked, known, archived],
  )
  const owners = useMemo(
    () =>
      new Map(
        asked?.map((room) => [room.id, room.owners.map((one) => one.display_name).join(', ')]),
      ),
    [asked],
  )
  const defaults = useMemo(
    () => new Set(asked?.flatMap((room) => (room.default ? [room.id] : []))),
    [asked],
  )
  const setDefault = (room: Room) =>
    run(async () => {
      const on = !defaults.has(room.id)
      await api.changeRoom(room.id, { default: on })
      setAsked(
        (all) => all?.map((one) => (one.id === room.id ? { ...one, default: on } : one)) ?? null,
      )
    })
  const ownersOf = (room: Room) => owners.get(room.id) ?? ''
  const last = (room: Room) => room.last_message?.sent_at
  return (
    <>
      <p className="hint">{a.roomsAbout}</p>
      <Problem text={problem} />
      <Table
        label={w.adminRooms}
        rows={rooms}
        columns={[
          {
            id: 'name',
            label: w.columnName,
            by: (room) => room.name,
            cell: (room) => (
              <>
                <Goto to={roomPath(room.id)}>{room.name}</Goto>
                {defaults.has(room.id) && <span className="tag">{a.defaultRoom}</span>}
              </>
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
            id: 'owners',
            label: a.columnOwners,
            by: ownersOf,
            cell: (room) => ownersOf(room) || <span className="tag tag-alarm">{a.noOwners}</span>,
            wide: true,
          },
          {
            id: 'kept',
            label: a.columnKept,
            by: (room) => room.retention_days ?? Number.MAX_SAFE_INTEGER,
            cell: (room) =>
              room.retention_days == null ? a.keptByServer : w.daysOf(room.retention_days),
            wide: true,
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
        names={(room) => [room.name, room.topic, ownersOf(room)]}
        actsOn={(room) => [
          {
            label: w.aboutRoom,
            icon: 'people',
            onPick: () => show({ kind: 'room', room: room.id }),
          },
          ...(room.kind === 'public' && !room.archived
            ? [
                {
                  label: w.roomDefault,
                  checked: defaults.has(room.id),
                  onPick: () => setDefault(room),
                },
              ]
            : []),
          ...(mayManage(room, role)
            ? [
                ...(room.archived
                  ? []
                  : [
                      {
                        label: w.changeRoom,
                        icon: 'edit' as const,
                        onPick: () =>
                          show({ kind: 'room' as const, room: room.id, view: 'edit' as const }),
                      },
                    ]),
                {
                  label: a.retention,
                  icon: 'clock' as const,
                  onPick: () => setKeeping(room),
                },
                room.archived
                  ? {
                      label: w.unarchive,
                      icon: 'archive' as const,
                      onPick: () =>
                        run(async () => {
                          await api.changeRoom(room.id, { archived: false })
                          await client.refresh(room.id)
                        }),
                    }
                  : {
                      label: kept.archive,
                      icon: 'archive' as const,
                      onPick: () => show({ kind: 'room', room: room.id, view: 'archive' }),
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
        empty={archived ? kept.noArchived : w.noBrowse}
        tools={
          <button
            type="button"
            className="toggle"
            aria-pressed={archived}
            onClick={() => {
              setAsked(null)
              setArchived(!archived)
            }}
          >
            <Icon name="archive" /> {kept.archivedRooms}
          </button>
        }
      />
      {keeping && <Retention room={keeping} onClose={() => setKeeping(null)} />}
    </>
  )
}
