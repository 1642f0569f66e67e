import { useState } from 'react'
import { w } from '../i18n'
import { useChat, useClient } from './context'
import { Dialog } from './Dialog'
import { Field, Form, password, text } from './Entry'
import { Problem } from './Problem'
import { Sessions } from './Sessions'
import { useAction } from './useAction'

interface Props {
  onClose: () => void
  onSignOut: (everywhere: boolean) => void
}

export function AccountDialog({ onClose, onSignOut }: Props) {
  const me = useChat((state) => state.me)
  return (
    <Dialog title={w.account} onClose={onClose}>
      <p className="hint">@{me?.username}</p>
      <Name />
      <Password />
      {me?.role === 'admin' && <Invite />}
      <Sessions />
      <div className="buttons dialog-foot">
        <button type="button" onClick={() => onSignOut(true)}>
          {w.signOutAll}
        </button>
        <button type="button" className="danger" onClick={() => onSignOut(false)}>
          {w.signOut}
        </button>
      </div>
    </Dialog>
  )
}

function Name() {
  const { api } = useClient()
  const me = useChat((state) => state.me)
  const [done, setDone] = useState(false)
  const action = useAction()
  const save = (fields: FormData) => {
    setDone(false)
    action.run(async () => {
      await api.rename(text(fields, 'display_name'))
      setDone(true)
    })
  }
  return (
    <Form title="" button={w.save} action={action} onSubmit={save}>
      <Field
        name="display_name"
        label={w.displayName}
        autoComplete="name"
        {...(me ? { value: me.display_name } : {})}
      />
      <p className="done" role="status">
        {done && w.saved}
      </p>
    </Form>
  )
}

function Password() {
  const { api } = useClient()
  const me = useChat((state) => state.me)
  const [open, setOpen] = useState(false)
  const [done, setDone] = useState(false)
  const action = useAction()
  const save = (fields: FormData) =>
    action.run(async () => {
      await api.changePassword(password(fields, 'current'), password(fields, 'new'))
      setOpen(false)
      setDone(true)
    })
  if (!open) {
    return (
      <div>
        <button
          type="button"
          onClick={() => {
            setDone(false)
            setOpen(true)
          }}
        >
          {w.changePassword}
        </button>
        <p className="done" role="status">
          {done && w.passwordChanged}
        </p>
      </div>
    )
  }
  return (
    <Form title="" button={w.changePassword} action={action} onSubmit={save}>
      {/* For password managers: whose password this is. */}
      <input
        className="unseen"
        type="text"
        autoComplete="username"
        value={me?.username ?? ''}
        readOnly
        tabIndex={-1}
        aria-hidden="true"
      />
      <Field
        name="current"
        label={w.currentPassword}
        type="password"
        autoComplete="current-password"
        autoFocus
      />
      <Field
        name="new"
        label={w.nextPassword}
        type="password"
        autoComplete="new-password"
        hint={w.passwordEndsOthers}
      />
    </Form>
  )
}

/** A link for one more person, shown once: the server keeps only what proves it. */
function Invite() {
  const { api } = useClient()
  const [url, setUrl] = useState('')
  const { problem, run } = useAction()
  if (url !== '') {
    return (
      <label className="field">
        <span>{w.inviteLink}</span>
        <input readOnly value={url} onFocus={(e) => e.currentTarget.select()} />
        <small>{w.inviteHint}</small>
      </label>
    )
  }
  return (
    <>
      <Problem text={problem} />
      <button type="button" onClick={() => run(async () => setUrl((await api.invite()).url))}>
        {w.invite}
      </button>
    </>
  )
}
