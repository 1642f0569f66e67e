import { useState } from 'react'
import type { NewRoom } from '../../api/types'
import { myRooms } from '../../core/model'
import { sentence, useWords } from '../../i18n'
import { useChat, useClient } from '../context'
import { Dialog } from '../parts/Dialog'
import { Field, Form, text } from '../parts/Form'
import { toast } from '../parts/toasts'
import { go, roomPath } from '../route'
import { useAction } from '../useAction'

export default function CreateRoom({ onClose }: { onClose: () => void }) {
  const w = useWords()
  const client = useClient()
  const action = useAction()
  const [isPrivate, setPrivate] = useState(false)
  const isAdmin = useChat((state) => state.me?.role === 'admin')
  const isFirst = useChat((state) => myRooms(state).every(({ kind }) => kind === 'direct'))
  const submit = (fields: FormData) =>
    action.run(async () => {
      const topic = text(fields, 'topic')
      const body: NewRoom = {
        name: text(fields, 'name'),
        kind: fields.get('private') === 'on' ? 'private' : 'public',
        ...(topic === '' ? {} : { topic }),
      }
      const room = await client.api.createRoom(body)
      if (fields.get('default') === 'on') {
        // The room is there, whatever becomes of this: it can be said later in the administration.
        await client.api
          .changeRoom(room.id, { default: true })
          .catch((error: unknown) => toast({ text: sentence(error) }))
      }
      await client.refresh(room.id)
      onClose()
      go(roomPath(room.id))
    })
  return (
    <Dialog title={w.newRoom} onClose={onClose}>
      <Form button={w.create} action={action} onSubmit={submit}>
        <Field name="name" label={w.roomName} autoComplete="off" max={80} />
        <Field name="topic" label={w.roomTopic} autoComplete="off" optional max={500} />
        <label className="check">
          <input
            type="checkbox"
            name="private"
            onChange={(e) => setPrivate(e.currentTarget.checked)}
          />
          <span>
            {w.roomPrivate}
            <small>{w.roomPrivateHint}</small>
          </span>
        </label>
        {isAdmin && !isPrivate && (
          <label className="check">
            {/* The first room is the one where people find each other. */}
            <input type="checkbox" name="default" defaultChecked={isFirst} />
            <span>
              {w.roomDefault}
              <small>{w.roomDefaultHint}</small>
            </span>
          </label>
        )}
      </Form>
    </Dialog>
  )
}
