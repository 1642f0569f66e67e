import { useCallback, useEffect, useMemo, useState } from 'react'
import { io } from 'socket.io-client'
import type { User } from '../api/types'
import { ApiError, makeApi } from '../core/api'
import { Client, type World } from '../core/client'
import { w } from '../i18n'
import { ClientContext } from './context'
import { Entry } from './Entry'
import { Hall } from './hall/Hall'
import { useRoute } from './route'

const api = makeApi()

const world: World = {
  api,
  storage: localStorage,
  open: (auth) =>
    io({
      transports: ['websocket', 'polling'],
      tryAllTransports: true,
      autoConnect: false,
      reconnectionDelay: 300,
      reconnectionDelayMax: 10_000,
      randomizationFactor: 0.5,
      auth,
    }),
  clock: {
    after: (ms, then) => {
      const timer = setTimeout(then, ms)
      return () => clearTimeout(timer)
    },
    random: () => Math.random(),
  },
  now: () => new Date(),
  schedule: withFrame,
  newId: () => {
    // `randomUUID` is there on secure origins only; a house on plain http has this.
    const bytes = crypto.getRandomValues(new Uint8Array(16))
    return [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('')
  },
}

/** With the next frame; in a window that nobody sees there are none, and soon is enough. */
function withFrame(then: () => void): void {
  const done = () => {
    clearTimeout(timer)
    cancelAnimationFrame(frame)
    then()
  }
  const timer = setTimeout(done, 100)
  const frame = requestAnimationFrame(done)
}

type Who = User | 'guest' | 'unknown'

export function App() {
  const route = useRoute()
  const [who, setWho] = useState<Who>('unknown')
  const [notice, setNotice] = useState<string | null>(null)

  useEffect(() => {
    let over = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const ask = () => {
      api.me().then(
        (user) => {
          if (!over) setWho(user)
        },
        (error: unknown) => {
          if (over) return
          if (error instanceof ApiError && error.status === 401) setWho('guest')
          else timer = setTimeout(ask, 2_000)
        },
      )
    }
    ask()
    return () => {
      over = true
      clearTimeout(timer)
    }
  }, [])

  const onSignedIn = useCallback((user: User) => {
    setNotice(null)
    setWho(user)
  }, [])
  const onSignedOut = useCallback((byItself: boolean) => {
    setNotice(byItself ? w.signedOut : null)
    setWho('guest')
  }, [])

  if (who === 'unknown') {
    return (
      <p className="waiting" role="status">
        {w.loading}
      </p>
    )
  }
  if (who === 'guest') {
    return <Entry api={api} route={route} notice={notice} onSignedIn={onSignedIn} />
  }
  return <SignedIn me={who} onSignedOut={onSignedOut} />
}

function SignedIn({ me, onSignedOut }: { me: User; onSignedOut: (byItself: boolean) => void }) {
  const [client, setClient] = useState<Client | null>(null)

  useEffect(() => {
    const made = new Client(world, me, () => onSignedOut(true))
    const attend = () => made.awake(document.visibilityState === 'visible' && document.hasFocus())
    const nudge = () => {
      attend()
      if (document.visibilityState === 'visible') made.nudge()
    }
    attend()
    window.addEventListener('blur', attend)
    const waking = ['online', 'focus', 'pageshow'] as const
    for (const event of waking) window.addEventListener(event, nudge)
    document.addEventListener('visibilitychange', nudge)
    // eslint-disable-next-line react-hooks/set-state-in-effect -- the connection lives as long as this
    setClient(made)
    return () => {
      window.removeEventListener('blur', attend)
      for (const event of waking) window.removeEventListener(event, nudge)
      document.removeEventListener('visibilitychange', nudge)
      made.close()
    }
  }, [me, onSignedOut])

  const signOut = useCallback(
    (everywhere: boolean) => {
      const ended = everywhere ? api.endSessions() : api.signOut()
      // Without an answer the cookie stays; the reader is told by the sign-in page not coming.
      void ended.then(() => onSignedOut(false))
    },
    [onSignedOut],
  )
  const hall = useMemo(() => <Hall onSignOut={signOut} />, [signOut])
  return client && <ClientContext value={client}>{hall}</ClientContext>
}
