import { useEffect, useMemo, useState } from 'react'
import { io } from 'socket.io-client'
import type { User } from '../api/types'
import type { Api } from '../core/api'
import { Client, type World } from '../core/client'
import type { Clock } from '../core/connection'
import { Pace } from '../core/pace'
import { ClientContext } from './context'
import { carrierOf } from './files/carrier'
import { keeperOf } from './files/keeper'
import { Hall } from './hall/Hall'

const clock: Clock = {
  after: (ms, then) => {
    const timer = setTimeout(then, ms)
    return () => clearTimeout(timer)
  },
  random: () => Math.random(),
}

/** In a window that nobody sees there are no frames, and soon is enough. */
function nextFrame(then: () => void): () => void {
  const cancel = () => {
    clearTimeout(timer)
    cancelAnimationFrame(frame)
  }
  const done = () => {
    cancel()
    then()
  }
  const timer = setTimeout(done, 100)
  const frame = requestAnimationFrame(done)
  return cancel
}

const worldOf = (api: Api): World => ({
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
  clock,
  carrier: carrierOf(api),
  keeper: keeperOf,
  now: () => new Date(),
  schedule: new Pace(nextFrame, clock, () => performance.now()).ask,
  newId: () => {
    // `randomUUID` is there on secure origins only; a house on plain http has this.
    const bytes = crypto.getRandomValues(new Uint8Array(16))
    return [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('')
  },
})

interface Props {
  api: Api
  me: User
  /** The session ended by itself: elsewhere, or because its time was over. */
  onEnded: () => void
  onSignOut: (everywhere: boolean) => void
}

/** The chat of somebody who is signed in: connected for as long as it is shown. */
export default function SignedIn({ api, me, onEnded, onSignOut }: Props) {
  const [client, setClient] = useState<Client | null>(null)

  useEffect(() => {
    const made = new Client(worldOf(api), me, onEnded)
    const attend = () => made.awake(document.visibilityState === 'visible' && document.hasFocus())
    const nudge = () => {
      attend()
      if (document.visibilityState === 'visible') made.nudge()
    }
    attend()
    window.addEventListener('blur', attend)
    const leave = () => made.leave()
    window.addEventListener('pagehide', leave)
    const waking = ['online', 'focus', 'pageshow'] as const
    for (const event of waking) window.addEventListener(event, nudge)
    document.addEventListener('visibilitychange', nudge)
    // eslint-disable-next-line react-hooks/set-state-in-effect -- the connection lives as long as this
    setClient(made)
    return () => {
      window.removeEventListener('blur', attend)
      window.removeEventListener('pagehide', leave)
      for (const event of waking) window.removeEventListener(event, nudge)
      document.removeEventListener('visibilitychange', nudge)
      made.close()
    }
  }, [api, me, onEnded])

  const hall = useMemo(() => <Hall onSignOut={onSignOut} />, [onSignOut])
  return client && <ClientContext value={client}>{hall}</ClientContext>
}
