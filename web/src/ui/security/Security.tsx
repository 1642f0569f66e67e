/** What somebody signs in with besides the password: an app, passkeys, recovery codes. */
import { factorsOf } from '../../core/factors'
import { lazy, Suspense, useCallback, useEffect, useState } from 'react'
import type { MyFactors, Passkey, RecoveryCodes, TotpSetup } from '../../api/types'
import type { Api } from '../../core/api'
import { device } from '../../core/device'
import { dayAndClock } from '../../core/time'
import { useWords } from '../../i18n'
import { Icon } from '../Icon'
import { Dialog } from '../parts/Dialog'
import { Field, Form, password, text } from '../parts/Form'
import { Problem } from '../Problem'
import { useAction } from '../useAction'
import { Codes } from './Codes'
import { canHavePasskeys, isGivenUp, makePasskey } from './passkey'
import './security.css'

const Qr = lazy(() => import('../rooms/Qr'))

/** What waits for the password. */
type Asking =
  { kind: 'totp' | 'totp-off' | 'codes' | 'passkey' } | { kind: 'passkey-off'; passkey: Passkey }

interface Props {
  api: Api
  now: () => Date
  /** Told of what there is, also later. */
  onFactors?: (factors: MyFactors) => void
}

export function Security({ api, now, onFactors }: Props) {
  const w = useWords()
  const [mine, setMine] = useState<MyFactors | null>(null)
  const [asking, setAsking] = useState<Asking | null>(null)
  const [setup, setSetup] = useState<TotpSetup | null>(null)
  const [codes, setCodes] = useState<string[] | null>(null)
  const action = useAction()
  const { run } = action
  const load = useCallback(async () => {
    const found = await factorsOf(api).factors()
    setMine(found)
    onFactors?.(found)
  }, [api, onFactors])
  useEffect(() => run(load), [run, load])

  const when = (at: string) => dayAndClock(at, w.language, now())
  const shownCodes = ({ recovery_codes }: RecoveryCodes) => {
    if (recovery_codes?.length) setCodes(recovery_codes)
  }
  const ask = (next: Asking) => {
    // Who has no password signs in by a provider: there is nothing to ask.
    if (mine?.has_password === false) run(() => proceed(next, ''))
    else setAsking(next)
  }
  const proceed = async (what: Asking, current: string, name = '') => {
    switch (what.kind) {
      case 'totp':
        setSetup(await factorsOf(api).beginTotp(current))
        break
      case 'totp-off':
        await factorsOf(api).removeTotp(current)
        break
      case 'codes':
        shownCodes(await factorsOf(api).newRecoveryCodes(current))
        break
      case 'passkey': {
        const asked = await factorsOf(api).beginPasskey(current)
        const made = await makePasskey(asked)
        const called = name || device(navigator.userAgent) || w.passkeys
        shownCodes(await factorsOf(api).addPasskey(asked.ceremony, called, made))
        break
      }
      case 'passkey-off':
        await factorsOf(api).removePasskey(what.passkey.id, current)
        break
    }
    setAsking(null)
    await load()
  }
  if (!mine) return <Problem text={action.problem} />
  const some = mine.totp != null || mine.passkeys.length > 0
  return (
    <>
      <p className="hint">{w.securityAbout}</p>
      {mine.demanded && !some && <p className="entry-note">{w.securityDemanded}</p>}
      {codes && <Codes codes={codes} onKept={() => setCodes(null)} />}
      <ul className="choices choices-told">
        <li className="choice">
          <Icon name="key" />
          <span className="choice-text">
            <strong>{w.totpTitle}</strong>
            <small>{mine.totp == null ? w.totpAbout : w.totpOn(when(mine.totp))}</small>
          </span>
          {mine.totp == null ? (
            <button type="button" onClick={() => ask({ kind: 'totp' })}>
              {w.totpAdd}
            </button>
          ) : (
            <button type="button" onClick={() => ask({ kind: 'totp-off' })}>
              {w.totpRemove}
            </button>
          )}
        </li>
        {mine.passkeys.map((passkey) => (
          <li key={passkey.id} className="choice">
            <Icon name="device" />
            <span className="choice-text">
              <strong>{passkey.name}</strong>
              <small>
                {passkey.used_at == null
                  ? w.passkeyAdded(when(passkey.added_at))
                  : w.passkeyUsed(when(passkey.used_at))}
              </small>
            </span>
            <button
              type="button"
              aria-label={`${w.passkeyRemove}: ${passkey.name}`}
              onClick={() => ask({ kind: 'passkey-off', passkey })}
            >
              {w.passkeyRemove}
            </button>
          </li>
        ))}
        <li className="choice">
          <Icon name="person" />
          <span className="choice-text">
            <strong>{w.passkeys}</strong>
            <small>
              {canHavePasskeys() && mine.passkeys_possible ? w.passkeysAbout : w.passkeysImpossible}
            </small>
          </span>
          {canHavePasskeys() && mine.passkeys_possible && (
            <button type="button" onClick={() => ask({ kind: 'passkey' })}>
              {w.passkeyAdd}
            </button>
          )}
        </li>
        {some && (
          <li className="choice">
            <Icon name="shield" />
            <span className="choice-text">
              <strong>{w.recovery}</strong>
              <small>
                {mine.recovery_codes > 0 ? w.recoveryLeft(mine.recovery_codes) : w.recoveryNone}{' '}
                {w.recoveryAbout}
              </small>
            </span>
            <button type="button" onClick={() => ask({ kind: 'codes' })}>
              {w.recoveryNew}
            </button>
          </li>
        )}
      </ul>
      <Problem text={action.problem} />
      {asking && (
        <Again
          asking={asking}
          onClose={() => setAsking(null)}
          onPassword={(current, name) => proceed(asking, current, name)}
        />
      )}
      {setup && (
        <App
          api={api}
          setup={setup}
          onClose={() => setSetup(null)}
          onAdded={(made) => {
            setSetup(null)
            shownCodes(made)
            run(load)
          }}
        />
      )}
    </>
  )
}

interface AgainProps {
  asking: Asking
  onClose: () => void
  onPassword: (password: string, name: string) => Promise<void>
}

/** The password again; with it, what a new passkey is called. */
function Again({ asking, onClose, onPassword }: AgainProps) {
  const w = useWords()
  const action = useAction()
  const [refused, setRefused] = useState(false)
  const titles = {
    totp: w.totpAdd,
    'totp-off': w.totpRemove,
    codes: w.recoveryNew,
    passkey: w.passkeyAdd,
    'passkey-off': w.passkeyRemove,
  }
  const submit = (fields: FormData) =>
    action.run(async () => {
      setRefused(false)
      try {
        await onPassword(password(fields), text(fields, 'name'))
      } catch (error) {
        if (!(error instanceof DOMException)) throw error
        if (!isGivenUp(error)) console.warn(error)
        setRefused(true)
      }
    })
  return (
    <Dialog title={titles[asking.kind]} size="small" onClose={onClose}>
      <Form button={w.proceed} action={action} onSubmit={submit} hint={w.passwordAgain}>
        {asking.kind === 'passkey' && (
          <Field
            name="name"
            label={w.passkeyName}
            hint={w.passkeyNameHint}
            value={device(navigator.userAgent)}
            max={64}
          />
        )}
        <Field
          name="password"
          label={w.currentPassword}
          type="password"
          autoComplete="current-password"
          first
        />
        {refused && (
          <p className="problem" role="alert">
            {w.passkeyRefused}
          </p>
        )}
      </Form>
    </Dialog>
  )
}

interface AppProps {
  api: Api
  setup: TotpSetup
  onClose: () => void
  onAdded: (made: RecoveryCodes) => void
}

function App({ api, setup, onClose, onAdded }: AppProps) {
  const w = useWords()
  const action = useAction()
  const submit = (fields: FormData) =>
    action.run(async () =>
      onAdded(await factorsOf(api).addTotp(setup.sealed, text(fields, 'code'))),
    )
  return (
    <Dialog title={w.totpAdd} size="small" onClose={onClose}>
      <Form button={w.totpVerify} action={action} onSubmit={submit} hint={w.totpScan}>
        <Suspense fallback={<div className="qr" />}>
          <Qr text={setup.url} label={w.totpQr} />
        </Suspense>
        <p className="hint">
          {w.totpType} <code className="totp-secret">{setup.secret}</code>
        </p>
        <Field name="code" label={w.totpCode} autoComplete="one-time-code" numeric first max={16} />
      </Form>
    </Dialog>
  )
}
