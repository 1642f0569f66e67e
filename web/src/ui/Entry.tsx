/** What a guest sees: signing in, signing up, opening the house for the first time. */
import { useEffect, useId, useState, type SubmitEvent, type ReactNode } from 'react'
import type { ServerInfo, User } from '../api/types'
import type { Api } from '../core/api'
import { w } from '../i18n'
import { Emblem } from './Icon'
import { go, type Route } from './route'
import { useAction } from './useAction'

interface Props {
  api: Api
  route: Route
  notice: string | null
  onSignedIn: (user: User) => void
}

export function Entry({ api, route, notice, onSignedIn }: Props) {
  const [server, setServer] = useState<ServerInfo | null>(null)
  useEffect(() => {
    let over = false
    api.server().then(
      (info) => {
        if (!over) setServer(info)
      },
      () => undefined,
    )
    return () => {
      over = true
    }
  }, [api])

  const done = (user: User) => {
    if (route.page === 'signup') go('/', true)
    onSignedIn(user)
  }
  return (
    <main className="entry">
      <div className="entry-card">
        <Emblem />
        <p className="entry-name">{w.appName}</p>
        <p className="entry-tagline">{w.tagline}</p>
        {notice && <p role="status">{notice}</p>}
        {route.page === 'signup' ? (
          <SignUp api={api} server={server} invite={route.invite} onDone={done} />
        ) : (
          <SignIn api={api} server={server} onDone={done} />
        )}
      </div>
    </main>
  )
}

function SignIn(props: { api: Api; server: ServerInfo | null; onDone: (user: User) => void }) {
  const { api, server, onDone } = props
  const action = useAction()
  const submit = (fields: FormData) =>
    action.run(async () => {
      const { user } = await api.signIn(text(fields, 'username'), password(fields))
      onDone(user)
    })
  return (
    <Form title={w.signInTitle} button={w.signIn} action={action} onSubmit={submit}>
      {server?.setup_required && <p className="entry-note">{w.setupNeeded}</p>}
      <Field name="username" label={w.username} autoComplete="username" autoFocus />
      <Field name="password" label={w.password} type="password" autoComplete="current-password" />
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
    </Form>
  )
}

function SignUp(props: {
  api: Api
  server: ServerInfo | null
  invite: string | undefined
  onDone: (user: User) => void
}) {
  const { api, server, invite, onDone } = props
  const action = useAction()
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
  const submit = (fields: FormData) =>
    action.run(async () => {
      const display_name = text(fields, 'display_name')
      const { user } = await api.signUp({
        username: text(fields, 'username'),
        password: password(fields),
        ...(display_name === '' ? {} : { display_name }),
        ...(invite === undefined ? {} : { invite }),
      })
      onDone(user)
    })
  return (
    <Form
      title={setup ? w.setupTitle : w.signUpTitle}
      {...(setup ? { hint: w.setupHint } : {})}
      button={w.signUp}
      action={action}
      onSubmit={submit}
    >
      <Field name="username" label={w.username} autoComplete="username" autoFocus />
      <Field
        name="display_name"
        label={w.displayName}
        hint={w.displayNameHint}
        autoComplete="name"
        optional
      />
      <Field name="password" label={w.newPassword} type="password" autoComplete="new-password" />
      {!setup && <SignInInstead />}
    </Form>
  )
}

function SignInInstead() {
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

interface FormProps {
  title: string
  hint?: string
  button: string
  action: ReturnType<typeof useAction>
  onSubmit: (fields: FormData) => void
  children: ReactNode
}

/** Fields, the problem where there is one, the button. Enter is the browser's own submit. */
export function Form({ title, hint, button, action, onSubmit, children }: FormProps) {
  const submit = (e: SubmitEvent<HTMLFormElement>) => {
    e.preventDefault()
    if (!action.busy) onSubmit(new FormData(e.currentTarget))
  }
  return (
    <form className="form" onSubmit={submit}>
      {title !== '' && <h1>{title}</h1>}
      {hint !== undefined && <p className="hint">{hint}</p>}
      {children}
      {action.problem !== null && (
        <p className="problem" role="alert">
          {action.problem}
        </p>
      )}
      <button type="submit" className="primary" aria-disabled={action.busy}>
        {button}
      </button>
    </form>
  )
}

interface FieldProps {
  name: string
  label: string
  hint?: string
  type?: 'text' | 'password'
  autoComplete?: string
  autoFocus?: boolean
  optional?: boolean
  value?: string
}

export function Field({ name, label, hint, type = 'text', optional, value, ...rest }: FieldProps) {
  const id = useId()
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        name={name}
        type={type}
        required={!optional}
        defaultValue={value}
        autoCapitalize="none"
        spellCheck={false}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        {...rest}
      />
      {hint !== undefined && <small id={`${id}-hint`}>{hint}</small>}
    </div>
  )
}

/** A field as one line of text: NFC, without blanks around it. */
export function text(fields: FormData, name: string): string {
  const value = fields.get(name)
  return typeof value === 'string' ? value.normalize('NFC').trim() : ''
}

/** Passwords are never trimmed; NFC, so that macOS and Windows type the same one. */
export function password(fields: FormData, name = 'password'): string {
  const value = fields.get(name)
  return typeof value === 'string' ? value.normalize('NFC') : ''
}
