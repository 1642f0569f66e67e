import type { NewRoom } from '../../api/types'
import { useWords } from '../../i18n'
import { useClient } from '../context'
import { Dialog } from '../parts/Dialog'
import { Field, Form, text } from '../parts/Form'
import { go, roomPath } from '../route'
import { useAction } from '../useAction'

export default function CreateRoom({ onClose }: { onClose: () => void }) {
  const w = useWords()
  const client = useClient()
  const action = useAction()
  const submit = (fields: FormData) =>
    action.run(async () => {
      const topic = text(fields, 'topic')
      const body: NewRoom = {
        name: text(fields, 'name'),
        kind: fields.get('private') === 'on' ? 'private' : 'public',
        ...(topic === '' ? {} : { topic }),
      }
      const room = await client.api.createRoom(body)
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
