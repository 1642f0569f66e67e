import { useCallback, useEffect, useRef, useState, type ComponentType } from 'react'
import { ApiError, makeApi } from '../core/api'
import { startOf } from '../core/route'
import type { Start } from '../core/start'
import { moreWords, useWords } from '../i18n'
import { recall } from './kept/kept'
import { finishLeaving, forget, isLeaving, leave, rememberMember, stay, wasMember } from './leaving'
import { Emblem } from './Icon'
import { later } from './later'
import { nowOpen, opened } from './painted'
import { currentRoute, useRoute } from './route'
import { learnInvite, learnServer } from './server'

const api = makeApi()

function Waiting() {
  const w = useWords()
  return (
    <div className="waiting">
      <Emblem />
      <span className="unseen" role="status">
        {w.loading}
      </span>
    </div>
  )
}

/** A page that comes with its words. */
function withWords<P extends object>(
  words: 'settings' | 'signIn',
  load: () => Promise<{ default: ComponentType<P> }>,
) {
  return later(async () => (await Promise.all([load(), moreWords(words)]))[0], <Waiting />)
}
// Each half of the app comes when it is known who looks; who was here before needs the second.
const Entry = withWords('signIn', () => import('./entry/Entry'))
const ConfirmEmail = withWords('signIn', () => import('./entry/Mail'))
const SignedIn = later(() => import('./SignedIn'), <Waiting />)
// Who has to set up a second factor first.
const Enrol = withWords('settings', () => import('./entry/Enrol'))
if (wasMember()) void SignedIn.ahead()

/** The half that is shown next is there before it is: nothing stands in for it in between. */
const halfOf = (who: Start | 'guest') => (who === 'guest' ? Entry : SignedIn).ahead()

type Who = Start | 'guest' | 'unknown' | 'enrolling'

const mustEnrol = (error: unknown) =>
  error instanceof ApiError && error.code === 'second_factor_missing'

/** So long the network may take before what was kept of the last time is shown. */
const PATIENCE_MS = 2_500

/** As the server says; where it says nothing, as it was when somebody was here last. */
async function firstLook(): Promise<Start | 'guest'> {
  const asking = askWho()
  if (!wasMember()) return asking
  const late = new Promise<Start | null>((done) => {
    const instead = () => {
      recall().then(done, () => done(null))
    }
    const timer = setTimeout(instead, PATIENCE_MS)
    asking.then(
      () => clearTimeout(timer),
      (error: unknown) => {
        clearTimeout(timer)
        if (error instanceof ApiError && (error.status === 0 || error.status >= 500)) instead()
        else done(null)
      },
    )
  })
  const found = await Promise.race([asking.catch(() => null), late])
  if (!found) return (await late) ?? asking
  if (found !== 'guest') learnServer(found.server)
  return found
}

/** Asks who looks, and for everything that they see first. */
async function askWho(): Promise<Start | 'guest'> {
  const route = currentRoute()
  const { me, ...start } = await api.bootstrap({
    ...startOf(route),
    ...(route.invite === undefined ? {} : { invite: route.invite }),
  })
  learnInvite(start.invite?.valid)
  learnServer(start.server)
  return me ? { ...start, me } : 'guest'
}

export function App() {
  const w = useWords()
  const route = useRoute()
  const [who, setWho] = useState<Who>('unknown')
  const [notice, setNotice] = useState<'ended' | 'left' | 'leaving' | null>(null)
  const left = useRef(false)

  useEffect(() => {
    let over = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const ask = async () => {
      try {
        // Who signed out without a network is not signed in again by the cookie that is left.
        if (isLeaving()) await finishLeaving(api)
        const found = await firstLook()
        await halfOf(found)
        if (!over) setWho(found)
      } catch (error) {
        if (over) return
        if (mustEnrol(error)) setWho('enrolling')
        else if (isLeaving() || (error instanceof ApiError && error.status === 401)) setWho('guest')
        else timer = setTimeout(() => void ask(), 2_000)
      }
    }
    void ask()
    const onOnline = () => {
      if (isLeaving()) finishLeaving(api).catch(() => undefined)
    }
    window.addEventListener('online', onOnline)
    return () => {
      over = true
      clearTimeout(timer)
      window.removeEventListener('online', onOnline)
    }
  }, [])

  // After the chat is gone: nothing writes any more.
  useEffect(() => {
    if (who === 'guest' && left.current) {
      left.current = false
      forget()
    }
  }, [who])

  const onSignedIn = useCallback(async () => {
    stay()
    const found = await askWho().catch((error: unknown) => {
      if (mustEnrol(error)) return 'enrolling' as const
      throw error
    })
    if (found !== 'enrolling') await halfOf(found)
    setNotice(null)
    setWho(found)
  }, [])
  const onEnded = useCallback(() => {
    setNotice('ended')
    setWho('guest')
  }, [])
  const onSignOut = useCallback((everywhere: boolean) => {
    left.current = true
    leave(everywhere)
    setWho('guest')
    finishLeaving(api).then(
      () => setNotice('left'),
      () => setNotice('leaving'),
    )
  }, [])
  useEffect(() => {
    opened()
      .then(() => moreWords('errors'))
      // Refusals stay in the server's words.
      .catch(() => undefined)
  }, [])
  // The page of an address confirmed by mail stands instead of the chat, whoever looks.
  const isOutside = who === 'guest' || who === 'enrolling' || route.page === 'email'
  useEffect(() => {
    if (isOutside) nowOpen()
  }, [isOutside])
  const isMember = typeof who === 'object'
  useEffect(() => {
    if (!isMember) return
    rememberMember()
    void opened().then(Entry.ahead)
  }, [isMember])

  const said = {
    ended: w.signedOut,
    left: w.leftNotice,
    leaving: w.leavingNotice,
  }
  if (route.page === 'email' && route.token !== undefined) {
    return <ConfirmEmail api={api} token={route.token} />
  }
  if (who === 'unknown') return <Waiting />
  if (who === 'guest') {
    return <Entry api={api} route={route} notice={notice && said[notice]} onSignedIn={onSignedIn} />
  }
  if (who === 'enrolling') {
    return <Enrol api={api} onDone={onSignedIn} onSignOut={() => onSignOut(false)} />
  }
  return (
    <SignedIn api={api} start={who} onEnded={onEnded} onSignOut={onSignOut} waiting={<Waiting />} />
  )
}
