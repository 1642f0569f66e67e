import { startTransition, useLayoutEffect, useMemo, useState, type ReactNode } from 'react'
import type { Api } from '../core/api'
import { Client, type World } from '../core/client'
import type { Clock, Socket } from '../core/connection'
import { LateSocket } from '../core/late-socket'
import { Pace } from '../core/pace'
import type { Start } from '../core/start'
import { ClientContext } from './context'
import { carrierOf } from './files/carrier'
import { keeperOf } from './files/keeper'
import { Hall } from './hall/Hall'
import { useKeeping } from './kept/useKeeping'
import { nextFrame, opened } from './painted'
import { syncSettings } from './settings/store'
import { waking } from './waking'

const clock: Clock = {
  after: (ms, then) => {
    const timer = setTimeout(then, ms)
    return () => clearTimeout(timer)
  },
  random: () => Math.random(),
}

/** The client of the live connection comes behind what is shown first. */
async function connect(auth: (give: (auth: object) => void) => void): Promise<Socket> {
  await opened()
  const { io } = await import('socket.io-client')
  return io({
    transports: ['websocket', 'polling'],
    tryAllTransports: true,
    autoConnect: false,
    reconnectionDelay: 300,
    reconnectionDelayMax: 10_000,
    randomizationFactor: 0.5,
    auth,
  })
}

const worldOf = (api: Api): World => ({
  api,
  storage: localStorage,
  open: (auth) => new LateSocket(() => connect(auth), clock),
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
  start: Start
  /** The session ended by itself: elsewhere, or because its time was over. */
  onEnded: () => void
  onSignOut: (everywhere: boolean) => void
  /** Stands until the chat does. */
  waiting: ReactNode
}

/** The chat of somebody who is signed in: connected for as long as it is shown. */
export default function SignedIn({ api, start, onEnded, onSignOut, waiting }: Props) {
  const [client, setClient] = useState<Client | null>(null)

  // Before anything is drawn: without it there is nothing to be seen.
  useLayoutEffect(() => {
    let over = false
    const made = new Client(worldOf(api), start.me, onEnded, start)
    const attend = () => made.awake(document.visibilityState === 'visible' && document.hasFocus())
    const nudge = () => {
      attend()
      if (document.visibilityState === 'visible') made.nudge()
    }
    attend()
    const endSync = syncSettings(made)
    let endNotices: () => void = () => undefined
    // What tells of news comes behind what is read first.
    void opened()
      .then(() => import('./notify/notifier'))
      .then(({ notifier, renew }) => {
        if (over) return
        endNotices = notifier(made)
        return renew(api)
      })
      .catch(() => undefined)
    window.addEventListener('blur', attend)
    const leave = () => made.leave()
    window.addEventListener('pagehide', leave)
    const endWaking = waking(nudge)
    // In steps, so that a slow phone answers in between; the roof stands meanwhile.
    startTransition(() => setClient(made))
    return () => {
      over = true
      endSync()
      endNotices()
      window.removeEventListener('blur', attend)
      window.removeEventListener('pagehide', leave)
      endWaking()
      made.close()
    }
  }, [api, start, onEnded])

  useKeeping(client)
  const hall = useMemo(() => <Hall onSignOut={onSignOut} />, [onSignOut])
  return client ? <ClientContext value={client}>{hall}</ClientContext> : waiting
}
