/** One room from inside: what it is called, who is in it, leaving and deleting it. */
import { useState } from 'react'
import type { Room } from '../api/types'
import { roomTitle } from '../core/model'
import { w } from '../i18n'
import { useChat, useClient } from './context'
import { Confirm, Dialog } from './Dialog'
import { Field, Form, text } from './Entry'
import { Members } from './Members'
import { PickPerson } from './PickPerson'
import { Problem } from './Problem'
import { go } from './route'
import { useAction } from './useAction'

type View = 'room' | 'adding' | 'changing' | 'leaving' | 'deleting'

export function RoomDialog({ room, onClose }: { room: Room; onClose: () => void }) {
  const client = useClient()
  const me = useChat((state) => state.me)
  const [view, setView] = useState<View>('room')
  const { problem, run, busy } = useAction()
  const { api } = client
  const back = () => setView('room')
  const title = roomTitle(room, me?.id)
  const direct = room.kind === 'direct'
  const manages =
    !direct && (room.me?.role === 'owner' || (room.kind === 'public' && me?.role === 'admin'))

  const out = (action: () => Promise<unknown>) =>
    run(async () => {
      await action()
      onClose()
      go('/')
    })
  if (view === 'leaving') {
    return (
      <Confirm
        title={w.leaveSure(title)}
        confirm={w.leave}
        onConfirm={() => out(() => api.leave(room.id))}
        onClose={back}
      />
    )
  }
  if (view === 'deleting') {
    return (
      <Confirm
        title={w.deleteRoomSure(title)}
        confirm={w.deleteRoom}
        onConfirm={() => out(() => api.deleteRoom(room.id))}
        onClose={back}
      />
    )
  }
  const add = (id: number) =>
    run(async () => {
      await api.addMember(room.id, id)
      back()
    })
  const change = (fields: FormData) =>
    run(async () => {
      await api.changeRoom(room.id, { name: text(fields, 'name'), topic: text(fields, 'topic') })
      back()
    })
  return (
    <Dialog title={title} onClose={onClose}>
      {view === 'room' && room.topic !== '' && <p className="hint">{room.topic}</p>}
      {view !== 'changing' && <Problem text={problem} />}
      {view === 'adding' ? (
        <>
          <h3>{w.addMember}</h3>
          <PickPerson without={[]} onPick={add} />
        </>
      ) : view === 'changing' ? (
        <Form title="" button={w.save} action={{ busy, problem, run }} onSubmit={change}>
          <Field name="name" label={w.roomName} autoComplete="off" autoFocus value={room.name} />
          <Field name="topic" label={w.roomTopic} autoComplete="off" optional value={room.topic} />
        </Form>
      ) : (
        <Members key={room.member_count} room={room} manages={manages} />
      )}
      {room.me && !direct && (
        <div className="buttons">
          {view === 'room' ? (
            <>
              {manages && (
                <button type="button" className="danger" onClick={() => setView('deleting')}>
                  {w.deleteRoom}
                </button>
              )}
              <button type="button" className="danger" onClick={() => setView('leaving')}>
                {w.leave}
              </button>
              {manages && (
                <button type="button" onClick={() => setView('changing')}>
                  {w.changeRoom}
                </button>
              )}
              <button type="button" onClick={() => setView('adding')}>
                {w.addMember}
              </button>
            </>
          ) : (
            <button type="button" onClick={back}>
              {w.back}
            </button>
          )}
        </div>
      )}
    </Dialog>
  )
}
