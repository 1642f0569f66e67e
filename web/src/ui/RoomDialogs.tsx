/** Making and finding rooms, and people to talk to. */
import { useState } from 'react'
import type { Room } from '../api/types'
import { find } from '../core/hangul'
import { w } from '../i18n'
import { useChat, useClient } from './context'
import { Dialog } from './Dialog'
import { Field, Form, text } from './Entry'
import { Filter, PickPerson } from './PickPerson'
import { Problem } from './Problem'
import { go, roomPath } from './route'
import { useAction } from './useAction'

interface Closable {
  onClose: () => void
}

export function CreateRoomDialog({ onClose }: Closable) {
  const client = useClient()
  const action = useAction()
  const submit = (fields: FormData) =>
    action.run(async () => {
      const topic = text(fields, 'topic')
      const room = await client.api.createRoom({
        name: text(fields, 'name'),
        kind: fields.get('private') === 'on' ? 'private' : 'public',
        ...(topic === '' ? {} : { topic }),
      })
      await client.refresh(room.id)
      onClose()
      go(roomPath(room.id))
    })
  return (
    <Dialog title={w.newRoom} onClose={onClose}>
      <Form title="" button={w.create} action={action} onSubmit={submit}>
        <Field name="name" label={w.roomName} autoComplete="off" autoFocus />
        <Field name="topic" label={w.roomTopic} autoComplete="off" optional />
        <label className="check">
          <input type="checkbox" name="private" />
          <span>
            {w.roomPrivate}
            <small>{w.roomPrivateHint}</small>
          </span>
        </label>
      </Form>
    </Dialog>
  )
}

export function BrowseDialog({ onClose }: Closable) {
  const client = useClient()
  const rooms = useChat((state) => state.rooms)
  const [query, setQuery] = useState('')
  const action = useAction()
  const open = Object.values(rooms).filter((room) => room.kind === 'public' && !room.me)
  const shown = find(query, open, (room) => [room.name, room.topic]).slice(0, 200)
  const join = (room: Room) =>
    action.run(async () => {
      await client.api.join(room.id)
      await client.refresh(room.id)
      onClose()
      go(roomPath(room.id))
    })
  return (
    <Dialog title={w.browseRooms} onClose={onClose}>
      <Filter label={w.findOpenRoom} onQuery={setQuery} />
      <Problem text={action.problem} />
      <ul className="choices">
        {shown.map((room) => (
          <li key={room.id}>
            <button type="button" className="choice" onClick={() => join(room)}>
              <span className="mark" aria-hidden="true">
                #
              </span>
              <span className="choice-text">
                <strong>{room.name}</strong>
                <small>{room.topic}</small>
              </span>
              <small>{w.members(room.member_count)}</small>
            </button>
          </li>
        ))}
      </ul>
      {shown.length === 0 && <p className="hint">{query === '' ? w.noBrowse : w.nothingFound}</p>}
    </Dialog>
  )
}

export function DirectDialog({ onClose }: Closable) {
  const client = useClient()
  const action = useAction()
  const start = (id: number) =>
    action.run(async () => {
      const room = await client.api.direct([id])
      await client.refresh(room.id)
      onClose()
      go(roomPath(room.id))
    })
  return (
    <Dialog title={w.newDirect} onClose={onClose}>
      <Problem text={action.problem} />
      <PickPerson without={[]} onPick={start} />
    </Dialog>
  )
}
