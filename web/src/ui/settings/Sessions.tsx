/** Where the account is signed in, this place first; every other one can be ended. */
import { useEffect, useState } from 'react'
import type { Session } from '../../api/types'
import { device } from '../../core/device'
import { brief, dayAndClock } from '../../core/time'
import { useWords } from '../../i18n'
import { useClient } from '../context'
import { Icon } from '../Icon'
import { Confirm } from '../parts/Dialog'
import { Problem } from '../Problem'
import { show } from '../shell/overlays'
import { useAction } from '../useAction'

/** So many are shown at first. */
const FEW = 8

export function Sessions({ onSignOut }: { onSignOut: (everywhere: boolean) => void }) {
  const w = useWords()
  const client = useClient()
  const [sessions, setSessions] = useState<Session[]>([])
  const [all, setAll] = useState(false)
  const [sure, setSure] = useState(false)
  const { problem, run } = useAction()
  const { api } = client
  useEffect(() => {
    run(async () => setSessions(await api.sessions()))
  }, [api, run])

  const end = (id: number) =>
    run(async () => {
      await api.endSession(id)
      setSessions(await api.sessions())
    })
  const used = (session: Session) => Date.parse(session.last_used_at ?? session.created_at)
  const newestFirst = [...sessions].sort(
    (a, b) => Number(b.current) - Number(a.current) || used(b) - used(a) || b.id - a.id,
  )
  const shown = all ? newestFirst : newestFirst.slice(0, FEW)
  const when = (session: Session) =>
    session.last_used_at == null
      ? w.signedInAt(dayAndClock(session.created_at, w.language, client.now()))
      : w.lastUsed(brief(session.last_used_at, w.language, client.now()))
  return (
    <>
      <p className="hint">{w.sessionsAbout}</p>
      <Problem text={problem} />
      <ul className="choices">
        {shown.map((session) => {
          const name = device(session.user_agent) || w.unknownDevice
          return (
            <li key={session.id} className="choice">
              <Icon name="device" />
              <span className="choice-text">
                <strong>{name}</strong>
                <small>
                  {when(session)} · {session.address}
                </small>
              </span>
              {session.current ? (
                <span className="tag">{w.thisSession}</span>
              ) : (
                <button
                  type="button"
                  aria-label={`${w.endSession}: ${name}`}
                  onClick={() => end(session.id)}
                >
                  {w.endSession}
                </button>
              )}
            </li>
          )
        })}
      </ul>
      {shown.length < sessions.length && (
        <button type="button" className="more" onClick={() => setAll(true)}>
          {w.moreSessions(sessions.length - shown.length)}
        </button>
      )}
      {/* Below the list, which comes first; without a network one can still sign out. */}
      {(sessions.length > 0 || problem !== null) && (
        <div className="buttons">
          <button type="button" onClick={() => show({ kind: 'sign-out' })}>
            {w.signOut}
          </button>
          <button type="button" className="danger" onClick={() => setSure(true)}>
            {w.signOutAll}
          </button>
        </div>
      )}
      {sure && (
        <Confirm
          title={w.signOutAllSure}
          confirm={w.signOutAll}
          onConfirm={() => onSignOut(true)}
          onClose={() => setSure(false)}
        />
      )}
    </>
  )
}
