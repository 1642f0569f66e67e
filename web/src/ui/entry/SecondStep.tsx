/** What it takes besides a password, or in its place: a code, or a passkey. */
import { factorsOf } from '../../core/factors'
import { useState } from 'react'
import type { Api } from '../../core/api'
import { useWords } from '../../i18n'
import { Icon } from '../Icon'
import { Field, Form, text } from '../parts/Form'
import { Problem } from '../Problem'
import { canHavePasskeys, isGivenUp, showPasskey } from '../security/passkey'
import { useAction } from '../useAction'

interface Props {
  api: Api
  first: { username: string; password: string }
  onDone: () => Promise<void>
  onBack: () => void
}

export function SecondStep({ api, first, onDone, onBack }: Props) {
  const w = useWords()
  const action = useAction()
  const submit = (fields: FormData) =>
    action.run(async () => {
      await api.signIn(first.username, first.password, text(fields, 'code'))
      await onDone()
    })
  return (
    <>
      <Form title={w.codeTitle} button={w.signIn} action={action} onSubmit={submit} wide>
        <Field
          name="code"
          label={w.codeLabel}
          hint={w.codeHint}
          autoComplete="one-time-code"
          max={64}
          first
        />
      </Form>
      <ByPasskey api={api} onDone={onDone} />
      <p className="entry-other">
        <button type="button" className="link" onClick={onBack}>
          {w.signInAgain}
        </button>
      </p>
    </>
  )
}

/** Without a password: the device verifies who holds it. */
export function ByPasskey({ api, onDone }: { api: Api; onDone: () => Promise<void> }) {
  const w = useWords()
  const action = useAction()
  const [refused, setRefused] = useState(false)
  if (!canHavePasskeys()) return null
  const signIn = () =>
    action.run(async () => {
      setRefused(false)
      const asked = await factorsOf(api).beginPasskeySignIn()
      let shown: object
      try {
        shown = await showPasskey(asked)
      } catch (error) {
        if (!isGivenUp(error)) console.warn(error)
        setRefused(true)
        return
      }
      await factorsOf(api).signInByPasskey(asked.ceremony, shown)
      await onDone()
    })
  return (
    <div className="entry-other">
      <button type="button" className="wide" aria-disabled={action.busy} onClick={signIn}>
        <Icon name="key" />
        {w.signInByPasskey}
      </button>
      <Problem text={action.problem ?? (refused ? w.passkeyRefused : null)} />
    </div>
  )
}
