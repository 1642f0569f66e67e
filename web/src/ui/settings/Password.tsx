import { useState } from 'react'
import { useWords } from '../../i18n'
import { useChat, useClient } from '../context'
import { Field, Form, password } from '../parts/Form'
import { passwordProblem } from '../../core/account'
import { useAction } from '../useAction'

export function Password() {
  const w = useWords()
  const { api } = useClient()
  const me = useChat((state) => state.me)
  const [done, setDone] = useState(0)
  const action = useAction()
  const save = (fields: FormData) =>
    action.run(async () => {
      await api.changePassword(password(fields, 'current'), password(fields, 'new'))
      setDone(done + 1)
    })
  return (
    <>
      <p className="done" role="status">
        {done > 0 && w.passwordChanged}
      </p>
      <Form key={done} button={w.changePassword} action={action} onSubmit={save}>
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
        />
        <Field
          name="new"
          label={w.nextPassword}
          type="password"
          autoComplete="new-password"
          hint={w.passwordEndsOthers}
          check={(value) => {
            const wrong = passwordProblem(value, me?.username ?? '')
            return wrong && w.passwordWrong[wrong]
          }}
        />
      </Form>
    </>
  )
}
