/** What a guest sees: signing in, signing up, opening the house for the first time. */
import { useState, type ReactNode } from 'react'
import type { ServerInfo } from '../../api/types'
import { passwordProblem, usernameProblem } from '../../core/account'
import { ApiError, type Api } from '../../core/api'
import { useWords } from '../../i18n'
import { HouseMark } from '../HouseMark'
import { Field, Form, password, text } from '../parts/Form'
import { go, type Route } from '../route'
import { isUsedUp, useHouseName, useServer } from '../server'
import { Forgotten } from './Mail'
import { ByPasskey, SecondStep } from './SecondStep'
import { settings } from '../settings/store'
import { useAction } from '../useAction'
import './entry.css'

interface Props {
  api: Api
  route: Route
  notice: string | null
  onSignedIn: () => Promise<void>
}

export default function Entry({ api, route, notice, onSignedIn }: Props) {
  const w = useWords()
  const server = useServer()
  const name = useHouseName()
  const done = () => {
    if (route.page === 'signup') go('/', true)
    return onSignedIn()
  }
  const other = w.language === 'ko' ? 'en' : 'ko'
  return (
    <main className="entry">
      <div className="entry-card">
        <HouseMark />
        <p className="entry-name">{name}</p>
        <p className="entry-tagline">{w.tagline}</p>
        {notice && (
          <p className="entry-notice" role="status">
            {notice}
          </p>
        )}
        {route.page === 'signup' ? (
          <SignUp api={api} server={server} invite={route.invite} onDone={done} />
        ) : route.page === 'reset' && route.token !== undefined ? (
          <Reset api={api} token={route.token} />
        ) : (
          <SignIn api={api} server={server} name={name} onDone={done} />
        )}
      </div>
      <footer className="entry-foot">
        <button
          type="button"
          className="link"
          lang={other}
          onClick={() => settings.set({ language: other })}
        >
          {other === 'ko' ? '한국어' : 'English'}
        </button>
      </footer>
    </main>
  )
}

interface SignInProps {
  api: Api
  server: ServerInfo | null
  name: string
  onDone: () => Promise<void>
}

function SignIn({ api, server, name, onDone }: SignInProps) {
  const w = useWords()
  const action = useAction()
  /** What was right, and is not enough. */
  const [first, setFirst] = useState<{ username: string; password: string } | null>(null)
  const [forgotten, setForgotten] = useState(false)
  const submit = (fields: FormData) =>
    action.run(async () => {
      const typed = { username: text(fields, 'username'), password: password(fields) }
      try {
        await api.signIn(typed.username, typed.password)
      } catch (error) {
        if (!(error instanceof ApiError) || error.code !== 'second_factor_needed') throw error
        setFirst(typed)
        return
      }
      await onDone()
    })
  if (forgotten) return <Forgotten api={api} onBack={() => setForgotten(false)} />
  if (first) {
    return <SecondStep api={api} first={first} onDone={onDone} onBack={() => setFirst(null)} />
  }
  return (
    <>
      <Form title={w.signInTitle(name)} button={w.signIn} action={action} onSubmit={submit} wide>
        {server?.setup_required && <p className="entry-note">{w.setupNeeded}</p>}
        <Field name="username" label={w.username} autoComplete="username" first />
        <Field name="password" label={w.password} type="password" autoComplete="current-password" />
      </Form>
      {server?.mail && (
        <p className="entry-other">
          <button type="button" className="link" onClick={() => setForgotten(true)}>
            {w.forgotten}
          </button>
        </p>
      )}
      <ByPasskey api={api} onDone={onDone} />
      {server?.oidc && (
        <p className="entry-other">
          <a href="/api/v1/oidc/start">{w.signInBy(server.oidc.name)}</a>
        </p>
      )}
      {server &&
        (server.signup === 'open' || (server.signup === 'invite' && !server.setup_required)) && (
          <p className="entry-other">
            {w.noAccount}{' '}
            {server.signup === 'open' ? (
              <PathLink to="/signup">{w.signUp}</PathLink>
            ) : (
              w.inviteNeeded
            )}
          </p>
        )}
    </>
  )
}

/** A new password by the link of an administrator, once. */
function Reset({ api, token }: { api: Api; token: string }) {
  const w = useWords()
  const action = useAction()
  const [done, setDone] = useState(false)
  if (done) {
    return (
      <>
        <p className="entry-note">{w.resetDone}</p>
        <SignInInstead />
      </>
    )
  }
  const submit = (fields: FormData) =>
    action.run(async () => {
      await api.redeemReset(token, password(fields))
      setDone(true)
    })
  return (
    <Form title={w.resetTitle} button={w.resetButton} action={action} onSubmit={submit} wide>
      <Field
        name="password"
        label={w.newPassword}
        type="password"
        autoComplete="new-password"
        first
        check={(value) => {
          const wrong = passwordProblem(value, '')
          return wrong && w.passwordWrong[wrong]
        }}
      />
    </Form>
  )
}

interface SignUpProps {
  api: Api
  server: ServerInfo | null
  invite: string | undefined
  onDone: () => Promise<void>
}

function SignUp({ api, server, invite, onDone }: SignUpProps) {
  const w = useWords()
  const action = useAction()
  const [username, setUsername] = useState('')
  // Whoever has the link of the first start opens the house; others may sign up beside it.
  const setup =
    server?.setup_required === true && (invite !== undefined || server.signup !== 'open')
  if (server && invite === undefined && server.signup !== 'open') {
    const why = setup ? w.setupNeeded : server.signup === 'invite' ? w.inviteNeeded : w.signUpClosed
    return (
      <>
        <p className="entry-note">{why}</p>
        {!setup && <SignInInstead />}
      </>
    )
  }
  if (invite !== undefined && isUsedUp()) {
    return (
      <>
        <p className="entry-note" role="alert">
          {w.inviteUsedUp}
        </p>
        <SignInInstead />
      </>
    )
  }
  const submit = (fields: FormData) =>
    action.run(async () => {
      const display_name = text(fields, 'display_name')
      await api.signUp({
        username: text(fields, 'username'),
        password: password(fields),
        ...(display_name === '' ? {} : { display_name }),
        ...(invite === undefined ? {} : { invite }),
      })
      await onDone()
    })
  return (
    <>
      <Form
        title={setup ? w.setupTitle : w.signUpTitle}
        {...(setup ? { hint: w.setupHint } : {})}
        button={w.signUp}
        action={action}
        onSubmit={submit}
        wide
      >
        <Field
          name="username"
          label={w.username}
          hint={w.usernameHint}
          autoComplete="username"
          first
          max={64}
          onInput={setUsername}
          check={(value) => {
            const wrong = usernameProblem(value.trim())
            return wrong && w.usernameWrong[wrong]
          }}
        />
        <Field
          name="display_name"
          label={w.displayName}
          hint={w.displayNameHint}
          autoComplete="name"
          optional
          max={64}
        />
        <Field
          name="password"
          label={w.newPassword}
          type="password"
          autoComplete="new-password"
          check={(value) => {
            const wrong = passwordProblem(value, username)
            return wrong && w.passwordWrong[wrong]
          }}
        />
      </Form>
      {!setup && <SignInInstead />}
    </>
  )
}

function SignInInstead() {
  const w = useWords()
  return (
    <p className="entry-other">
      {w.haveAccount} <PathLink to="/">{w.signIn}</PathLink>
    </p>
  )
}

function PathLink({ to, children }: { to: string; children: ReactNode }) {
  return (
    <a
      href={to}
      onClick={(e) => {
        e.preventDefault()
        go(to)
      }}
    >
      {children}
    </a>
  )
}
