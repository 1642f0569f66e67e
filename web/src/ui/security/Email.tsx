/** Where a link for a new password is sent. */
import { mailOf } from '../../core/mail'
import { useCallback, useEffect, useState } from 'react'
import type { MyEmail } from '../../api/types'
import type { Api } from '../../core/api'
import { useWords } from '../../i18n'
import { Icon } from '../Icon'
import { Dialog } from '../parts/Dialog'
import { Field, Form, password, text } from '../parts/Form'
import { useAction } from '../useAction'

export function Email({ api }: { api: Api }) {
  const w = useWords()
  const [mine, setMine] = useState<MyEmail | null>(null)
  const [open, setOpen] = useState<'change' | 'remove' | null>(null)
  const [sentTo, setSentTo] = useState<string | null>(null)
  const { run } = useAction()
  const load = useCallback(async () => setMine(await mailOf(api).email()), [api])
  useEffect(() => run(load), [run, load])
  if (!mine || (!mine.possible && mine.address == null)) return null
  return (
    <>
      <ul className="choices choices-told">
        <li className="choice">
          <Icon name="person" />
          <span className="choice-text">
            <strong>{w.email}</strong>
            <small>
              {mine.address ?? w.emailAbout}
              {sentTo !== null && ` ${w.emailSent(sentTo)}`}
            </small>
          </span>
          {mine.possible && (
            <button type="button" onClick={() => setOpen('change')}>
              {w.emailChange}
            </button>
          )}
          {mine.address != null && (
            <button type="button" onClick={() => setOpen('remove')}>
              {w.emailRemove}
            </button>
          )}
        </li>
      </ul>
      {open && (
        <Change
          api={api}
          kind={open}
          onClose={() => setOpen(null)}
          onDone={(to) => {
            setOpen(null)
            setSentTo(to)
            run(load)
          }}
        />
      )}
    </>
  )
}

interface Props {
  api: Api
  kind: 'change' | 'remove'
  onClose: () => void
  onDone: (sentTo: string | null) => void
}

function Change({ api, kind, onClose, onDone }: Props) {
  const w = useWords()
  const action = useAction()
  const submit = (fields: FormData) =>
    action.run(async () => {
      if (kind === 'remove') {
        await mailOf(api).removeEmail(password(fields))
        onDone(null)
        return
      }
      const address = text(fields, 'address')
      await mailOf(api).setEmail(address, password(fields))
      onDone(address)
    })
  return (
    <Dialog
      title={kind === 'change' ? w.emailChange : w.emailRemove}
      size="small"
      onClose={onClose}
    >
      <Form button={w.proceed} action={action} onSubmit={submit}>
        {kind === 'change' && (
          <Field name="address" label={w.email} hint={w.emailHint} autoComplete="email" first />
        )}
        <Field
          name="password"
          label={w.currentPassword}
          type="password"
          autoComplete="current-password"
        />
      </Form>
    </Dialog>
  )
}
