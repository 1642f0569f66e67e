/** What the service worker needs of its surroundings; the page's own types know nothing of them. */
export interface Extendable {
  waitUntil(done: Promise<unknown>): void
}

export interface Fetched extends Extendable {
  request: Request
  preloadResponse: Promise<Response | undefined>
  respondWith(answer: Promise<Response>): void
}

export interface Pushed extends Extendable {
  data: { json(): unknown } | null
}

export interface Clicked extends Extendable {
  notification: Notification & { data: unknown }
}

export interface Window {
  url: string
  focused: boolean
  focus(): Promise<unknown>
  postMessage(message: unknown): void
}

export interface Scope {
  location: Location
  registration: {
    showNotification(title: string, options: object): Promise<void>
    getNotifications(filter?: { tag: string }): Promise<Notification[]>
    navigationPreload?: { enable(): Promise<void> }
    pushManager: { subscribe(options: object): Promise<{ toJSON(): object }> }
  }
  clients: {
    claim(): Promise<void>
    matchAll(options: { type: 'window'; includeUncontrolled: boolean }): Promise<Window[]>
    openWindow(url: string): Promise<unknown>
  }
  navigator: { language: string; setAppBadge?: (count?: number) => Promise<void> }
  skipWaiting(): Promise<void>
  addEventListener(type: 'install' | 'activate', on: (event: Extendable) => void): void
  addEventListener(type: 'fetch', on: (event: Fetched) => void): void
  addEventListener(type: 'message', on: (event: { data: unknown }) => void): void
  addEventListener(type: 'push', on: (event: Pushed) => void): void
  addEventListener(type: 'notificationclick', on: (event: Clicked) => void): void
  addEventListener(
    type: 'pushsubscriptionchange',
    on: (event: Extendable & { oldSubscription?: { options: object } | null }) => void,
  ): void
}
