/** Where the account is signed in, this place first; every other one can be ended. */
import { useEffect, useState } from 'react'
import type { Session } from '../api/types'
import { dayAndClock } from '../core/time'
import { language, w } from '../i18n'
import { useClient } from './context'
import { Problem } from './Problem'
import { useAction } from './useAction'

/** So many are shown at first. */
const FEW = 4

export function Sessions() {
  const client = useClient()
  const [sessions, setSessions] = useState<Session[]>([])
  const [all, setAll] = useState(false)
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
  const newestFirst = [...sessions].sort(
    (a, b) => Number(b.current) - Number(a.current) || b.id - a.id,
  )
  const shown = all ? newestFirst : newestFirst.slice(0, FEW)
  return (
    <>
      <h3>{w.sessions}</h3>
      <Problem text={problem} />
      <ul className="choices">
        {shown.map((session) => (
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
              <button
                type="button"
                aria-label={`${w.endSession}: ${device(session.user_agent)}`}
                onClick={() => end(session.id)}
              >
                {w.endSession}
              </button>
            )}
          </li>
        ))}
      </ul>
      {shown.length < sessions.length && (
        <button type="button" className="more" onClick={() => setAll(true)}>
          {w.moreSessions(sessions.length - shown.length)}
        </button>
      )}
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
