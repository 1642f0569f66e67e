import { useState } from 'react'
import { useWords } from '../../i18n'
import { useChat, useClient } from '../context'
import { Field, Form, text } from '../parts/Form'
import { toast } from '../parts/toasts'
import { AvatarField } from '../profile/AvatarField'
import { Tile } from '../Tile'
import { useAction } from '../useAction'

export function Profile() {
  const w = useWords()
  const { api } = useClient()
  const me = useChat((state) => state.me)
  const [typed, setTyped] = useState<string | null>(null)
  const action = useAction()
  if (!me) return null
  const shown = typed?.trim() === '' || typed === null ? me.display_name : typed
  const save = (fields: FormData) =>
    action.run(async () => {
      await api.rename(text(fields, 'display_name'))
      toast({ text: w.saved })
    })
  return (
    <>
      <div className="profile-head">
        <Tile id={me.id} name={shown} />
        <div>
          <strong>{shown}</strong>
          <small>
            @{me.username}
            {me.role === 'admin' && ` · ${w.roleAdmin}`}
          </small>
        </div>
      </div>
      <AvatarField />
      <Form button={w.save} action={action} onSubmit={save}>
        <Field
          key={me.display_name}
          name="display_name"
          label={w.displayName}
          hint={w.displayNameSeen}
          autoComplete="name"
          value={me.display_name}
          max={64}
          onInput={setTyped}
        />
      </Form>
    </>
  )
}
