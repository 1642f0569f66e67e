import { useEffect, useState } from 'react'
import type { Session } from '../api/types'
import { dayAndClock } from '../core/time'
import { language, w } from '../i18n'
import { useChat, useClient } from './context'
import { Dialog } from './Dialog'
import { Field, Form, text } from './Entry'
import { useAction } from './useAction'

interface Props {
  onClose: () => void
  onSignOut: (everywhere: boolean) => void
}

export function AccountDialog({ onClose, onSignOut }: Props) {
  const client = useClient()
  const me = useChat((state) => state.me)
  const [sessions, setSessions] = useState<Session[]>([])
  const rename = useAction()
  const list = useAction()
  const { run } = list
  const { api } = client
  useEffect(() => {
    run(async () => setSessions(await api.sessions()))
  }, [api, run])

  const end = (id: number) =>
    run(async () => {
      await api.endSession(id)
      setSessions(await api.sessions())
    })
  const save = (fields: FormData) =>
    rename.run(async () => {
      await api.rename(text(fields, 'display_name'))
      onClose()
    })
  return (
    <Dialog title={w.account} onClose={onClose}>
      <p className="hint">@{me?.username}</p>
      <Form title="" button={w.save} action={rename} onSubmit={save}>
        <Field
          name="display_name"
          label={w.displayName}
          {...(me ? { value: me.display_name } : {})}
        />
      </Form>
      {me?.role === 'admin' && <Invite />}
      <h3>{w.sessions}</h3>
      {list.problem !== null && (
        <p className="problem" role="alert">
          {list.problem}
        </p>
      )}
      <ul className="choices">
        {sessions.map((session) => (
          <li key={session.id} className="choice">
            <span className="choice-text">
              <strong>{device(session.user_agent)}</strong>
              <small>
                {session.address} · {dayAndClock(session.created_at, language, client.now())}
              </small>
            </span>
            {session.current ? (
              <small>{w.thisSession}</small>
            ) : (
              <button type="button" onClick={() => end(session.id)}>
                {w.endSession}
              </button>
            )}
          </li>
        ))}
      </ul>
      <div className="buttons">
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

/** A link for one more person, shown once: the server keeps only what proves it. */
function Invite() {
  const client = useClient()
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
      {problem !== null && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      <button
        type="button"
        onClick={() => run(async () => setUrl((await client.api.invite()).url))}
      >
        {w.invite}
      </button>
    </>
  )
}

/** What a user agent says, in two words that people know. */
function device(agent: string): string {
  const browser = /(Edg|OPR|Whale|Firefox|Chrome|Safari)\//.exec(agent)?.[1]
  const names: Record<string, string> = { Edg: 'Edge', OPR: 'Opera' }
  const system = /(Windows|iPhone|iPad|Android|Mac OS X|Linux)/.exec(agent)?.[1]
  const parts = [browser && (names[browser] ?? browser), system].filter(Boolean)
  return parts.length > 0 ? parts.join(' · ') : agent.slice(0, 60) || w.unknownDevice
}
