import { lazy, Suspense, useCallback, useEffect, useRef, useState } from 'react'
import type { User } from '../api/types'
import { ApiError, makeApi } from '../core/api'
import { useWords } from '../i18n'
import { finishLeaving, forget, isLeaving, leave, rememberMember, stay, wasMember } from './leaving'
import { useRoute } from './route'

const api = makeApi()

// Each half of the app comes when it is known who looks; who was here before needs the second.
const Entry = lazy(() => import('./entry/Entry'))
const SignedIn = lazy(() => import('./SignedIn'))
if (wasMember()) import('./SignedIn').catch(() => undefined)

type Who = User | 'guest' | 'unknown'

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
        const user = await api.me()
        if (!over) setWho(user)
      } catch (error) {
        if (over) return
        if (isLeaving() || (error instanceof ApiError && error.status === 401)) setWho('guest')
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

  const onSignedIn = useCallback((user: User) => {
    stay()
    setNotice(null)
    setWho(user)
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
  const isMember = typeof who === 'object'
  useEffect(() => {
    if (!isMember) return
    rememberMember()
    // Signing out may happen without a network; the page that follows is small.
    import('./entry/Entry').catch(() => undefined)
  }, [isMember])

  const waiting = (
    <p className="waiting" role="status">
      {w.loading}
    </p>
  )
  const said = {
    ended: w.signedOut,
    left: w.leftNotice,
    leaving: w.leavingNotice,
  }
  if (who === 'unknown') return waiting
  return (
    <Suspense fallback={waiting}>
      {who === 'guest' ? (
        <Entry api={api} route={route} notice={notice && said[notice]} onSignedIn={onSignedIn} />
      ) : (
        <SignedIn api={api} me={who} onEnded={onEnded} onSignOut={onSignOut} />
      )}
    </Suspense>
  )
}
