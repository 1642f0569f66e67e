/** One room from inside: what it is about, who is in it; what is rare is behind ⋯. */
import { useState } from 'react'
import type { Room } from '../../api/types'
import { roomTitle } from '../../core/model'
import { useWords } from '../../i18n'
import { useArchiveWords } from '../../i18n/archive'
import { useChat, useClient } from '../context'
import { Icon } from '../Icon'
import { Confirm, Dialog } from '../parts/Dialog'
import { Field, Form, text } from '../parts/Form'
import { Menu, type MenuItem } from '../parts/Menu'
import { toast } from '../parts/toasts'
import { Problem } from '../Problem'
import { go } from '../route'
import { useAction } from '../useAction'
import { AddPeople } from './AddPeople'
import { mayManage } from './manage'
import { Members } from './Members'
import './rooms.css'

export type RoomView = 'about' | 'add' | 'edit' | 'archive' | 'leave' | 'delete'

interface Props {
  room: Room
  first?: RoomView
  onClose: () => void
}

export default function RoomDialog({ room, first = 'about', onClose }: Props) {
  const w = useWords()
  const kept = useArchiveWords()
  const { api } = useClient()
  const me = useChat((state) => state.me)
  const [view, setView] = useState<RoomView>(first)
  const { problem, run, busy } = useAction()
  const title = roomTitle(room, me?.id)
  const direct = room.kind === 'direct'
  const manages = mayManage(room, me?.role)
  /** What was asked for from outside ends with its answer. */
  const back = () => (first === 'about' ? setView('about') : onClose())

  const out = (action: () => Promise<unknown>) =>
    run(async () => {
      await action()
      onClose()
      go('/')
    })
  if (view === 'leave') {
    return (
      <Confirm
        title={w.leaveSure(title)}
        {...(room.kind === 'private' ? { hint: w.leavePrivate } : {})}
        confirm={w.leave}
        onConfirm={() => out(() => api.leave(room.id))}
        onClose={back}
      />
    )
  }
  if (view === 'archive') {
    return (
      <Confirm
        title={kept.archiveSure(title)}
        hint={kept.archiveMeans}
        confirm={kept.archive}
        danger={false}
        onConfirm={() =>
          run(async () => {
            await api.changeRoom(room.id, { archived: true })
            toast({
              text: kept.archivedIt(title),
              act: {
                label: w.undo,
                undoes: true,
                run: () => void api.changeRoom(room.id, { archived: false }),
              },
            })
            onClose()
          })
        }
        onClose={back}
      />
    )
  }
  if (view === 'delete') {
    return (
      <Confirm
        title={w.deleteRoomSure(title)}
        confirm={w.deleteRoom}
        onConfirm={() => out(() => api.deleteRoom(room.id))}
        onClose={back}
      />
    )
  }
  if (view === 'add') {
    return (
      <Dialog title={w.addTo(title)} onClose={back}>
        <AddPeople
          room={room}
          onAdded={(count) => {
            toast({ text: w.added(count) })
            back()
          }}
        />
      </Dialog>
    )
  }
  if (view === 'edit') {
    const change = (fields: FormData) =>
      run(async () => {
        await api.changeRoom(room.id, { name: text(fields, 'name'), topic: text(fields, 'topic') })
        back()
      })
    return (
      <Dialog title={w.changeRoom} onClose={back}>
        <Form button={w.save} action={{ busy, problem, run }} onSubmit={change}>
          <Field name="name" label={w.roomName} autoComplete="off" max={80} value={room.name} />
          <Field
            name="topic"
            label={w.roomTopic}
            autoComplete="off"
            optional
            max={500}
            value={room.topic}
          />
        </Form>
      </Dialog>
    )
  }
  const rare: MenuItem[] =
    room.me && !direct
      ? [
          ...(manages && !room.archived
            ? [
                { label: w.changeRoom, icon: 'edit' as const, onPick: () => setView('edit') },
                { label: kept.archive, icon: 'archive' as const, onPick: () => setView('archive') },
              ]
            : []),
          ...(manages && room.archived
            ? [
                {
                  label: w.unarchive,
                  icon: 'archive' as const,
                  onPick: () => run(() => api.changeRoom(room.id, { archived: false })),
                },
              ]
            : []),
          {
            label: w.leave,
            icon: 'leave' as const,
            apart: manages,
            danger: true,
            onPick: () => setView('leave'),
          },
          ...(manages
            ? [
                {
                  label: w.deleteRoom,
                  icon: 'trash' as const,
                  danger: true,
                  onPick: () => setView('delete'),
                },
              ]
            : []),
        ]
      : []
  return (
    <Dialog title={title} onClose={onClose}>
      {room.topic !== '' && <p>{room.topic}</p>}
      <div className="room-acts">
        <span className="hint">
          {room.kind === 'private' && <Icon name="lock" />}
          {room.kind === 'private'
            ? w.roomPrivateHint
            : room.kind === 'public'
              ? w.roomPublicHint
              : w.roomDirectHint}
        </span>
        {room.me && !direct && !room.archived && (
          <button type="button" onClick={() => setView('add')}>
            {w.addMember}
          </button>
        )}
        <Menu label={w.roomMenu(title)} items={rare} />
      </div>
      <Problem text={problem} />
      <Members key={room.member_count} room={room} manages={manages} />
    </Dialog>
  )
}
