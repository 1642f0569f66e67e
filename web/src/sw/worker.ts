/**
 * The service worker. It keeps the shell, so that the app opens without a network, and shows
 * pushes. Nothing of anybody's rooms is in its caches: what the API answers passes by.
 */
import { shownOf } from './push'
import type { Scope } from './types'

/** Put in by the build: the files of the shell, and a word that changes with them. */
declare const SHELL: string[]
declare const VERSION: string

const scope = globalThis as unknown as Scope
const cache = `maru-${VERSION}`
const PAGE = '/'
/** A network that says nothing for so long is none. */
const PATIENCE_MS = 4_000

scope.addEventListener('install', (event) => {
  event.waitUntil(caches.open(cache).then((kept) => kept.addAll([PAGE, ...SHELL])))
})

scope.addEventListener('activate', (event) => {
  const tidy = async () => {
    for (const name of await caches.keys()) if (name !== cache) await caches.delete(name)
    await scope.registration.navigationPreload?.enable()
    await scope.clients.claim()
  }
  event.waitUntil(tidy())
})

scope.addEventListener('message', ({ data }) => {
  if (data === 'use') void scope.skipWaiting()
})

scope.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== scope.location.origin) return
  if (/^\/(api|socket\.io|\.well-known)\//.test(url.pathname)) return
  if (request.mode === 'navigate') event.respondWith(page(request, event.preloadResponse))
  else if (url.pathname.startsWith('/assets/') || SHELL.includes(url.pathname))
    event.respondWith(file(request))
})

/** The newest page there is, else the one that is kept. */
async function page(request: Request, preloaded: Promise<Response | undefined>): Promise<Response> {
  const kept = () => caches.match(PAGE)
  const fresh = preloaded.then((response) => response ?? fetch(request))
  const late = new Promise<undefined>((done) => setTimeout(done, PATIENCE_MS))
  try {
    const response = await Promise.race([fresh, late])
    if (response && response.status < 500) return response
    return (await kept()) ?? (await fresh)
  } catch {
    return (await kept()) ?? Response.error()
  }
}

/** Names of files change with their content: what is kept is right. */
async function file(request: Request): Promise<Response> {
  const kept = await caches.match(request)
  if (kept) return kept
  const response = await fetch(request)
  if (response.ok) {
    const copy = response.clone()
    void caches.open(cache).then((store) => store.put(request, copy))
  }
  return response
}

scope.addEventListener('push', (event) => {
  const show = async () => {
    let data: unknown = null
    try {
      data = event.data?.json()
    } catch {
      // No JSON: something is shown all the same.
    }
    const { title, body, tag, url } = shownOf(data, scope.navigator.language)
    const options = { body, tag, icon: '/icon-192.png', badge: '/badge-96.png', data: { url } }
    await scope.registration.showNotification(title, options)
    await scope.navigator.setAppBadge?.()
  }
  event.waitUntil(show())
})

scope.addEventListener('notificationclick', (event) => {
  const { notification } = event
  const { url = '/' } = (notification.data ?? {}) as { url?: string }
  notification.close()
  const open = async () => {
    const windows = await scope.clients.matchAll({ type: 'window', includeUncontrolled: true })
    const first = windows.find(({ focused }) => focused) ?? windows[0]
    if (!first) {
      await scope.clients.openWindow(url)
      return
    }
    await first.focus()
    first.postMessage({ go: url })
  }
  event.waitUntil(open())
})

scope.addEventListener('pushsubscriptionchange', (event) => {
  const renew = async () => {
    const options = event.oldSubscription?.options
    if (!options) return
    const fresh = await scope.registration.pushManager.subscribe(options)
    await fetch('/api/v1/me/push', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(fresh.toJSON()),
    })
  }
  event.waitUntil(renew())
})
