/** What letters lead to, and asking for one. */
import { mailOf } from '../../core/mail'
import { useState } from 'react'
import type { Api } from '../../core/api'
import { useWords } from '../../i18n'
import { Emblem } from '../Icon'
import { Field, Form, text } from '../parts/Form'
import { go } from '../route'
import { useAction } from '../useAction'
import './entry.css'

/** A link for a new password goes out, if there is such an account. */
export function Forgotten({ api, onBack }: { api: Api; onBack: () => void }) {
  const w = useWords()
  const action = useAction()
  const [sent, setSent] = useState(false)
  const submit = (fields: FormData) =>
    action.run(async () => {
      await mailOf(api).forgotPassword(text(fields, 'username'))
      setSent(true)
    })
  return (
    <>
      {sent ? (
        <p className="entry-note" role="status">
          {w.forgottenSent}
        </p>
      ) : (
        <Form
          title={w.forgottenTitle}
          hint={w.forgottenHint}
          button={w.forgottenSend}
          action={action}
          onSubmit={submit}
          wide
        >
          <Field name="username" label={w.forgottenName} autoComplete="username" first />
        </Form>
      )}
      <p className="entry-other">
        <button type="button" className="link" onClick={onBack}>
          {w.signInAgain}
        </button>
      </p>
    </>
  )
}

/** Whoever reads the letter presses the button: programs that look at links do not. */
export default function ConfirmEmail({ api, token }: { api: Api; token: string }) {
  const w = useWords()
  const action = useAction()
  const [done, setDone] = useState(false)
  const submit = () =>
    action.run(async () => {
      await mailOf(api).confirmEmail(token)
      setDone(true)
    })
  return (
    <main className="entry">
      <div className="entry-card">
        <Emblem />
        {done ? (
          <>
            <p className="entry-note" role="status">
              {w.emailConfirmed}
            </p>
            <div className="form">
              <button type="button" className="primary" onClick={() => go('/', true)}>
                {w.toStart}
              </button>
            </div>
          </>
        ) : (
          <Form
            title={w.emailConfirmTitle}
            button={w.emailConfirm}
            action={action}
            onSubmit={submit}
            wide
          >
            {null}
          </Form>
        )}
      </div>
    </main>
  )
}
