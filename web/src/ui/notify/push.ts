/** Pushes to this browser, also while no window is open: asked for here, sent by the server. */
import type { Api } from '../../core/api'

export type PushState =
  /** This browser knows no pushes, or the page is not reached by https. */
  'impossible' | 'off' | 'on' | 'denied'

type PushApi = Pick<Api, 'push' | 'subscribe' | 'unsubscribe'>

async function manager(): Promise<PushManager | null> {
  const { serviceWorker } = navigator as Partial<Navigator>
  if (!serviceWorker || !('PushManager' in window) || !('Notification' in window)) return null
  const registration = await serviceWorker.getRegistration()
  return registration?.pushManager ?? null
}

export async function pushState(): Promise<PushState> {
  const pushes = await manager()
  if (!pushes) return 'impossible'
  if (Notification.permission === 'denied') return 'denied'
  return (await pushes.getSubscription()) ? 'on' : 'off'
}

/** Asks the reader, the browser and then the server. */
export async function turnOn(api: PushApi): Promise<PushState> {
  const pushes = await manager()
  if (!pushes) return 'impossible'
  if ((await Notification.requestPermission()) !== 'granted') return pushState()
  const { public_key } = await api.push()
  const old = await pushes.getSubscription()
  // A subscription belongs to the key it was made with.
  if (old && !sameKey(old, public_key)) await old.unsubscribe()
  const options = { userVisibleOnly: true, applicationServerKey: public_key }
  await tellServer(api, await pushes.subscribe(options))
  return 'on'
}

export async function turnOff(api: PushApi): Promise<PushState> {
  const subscription = await (await manager())?.getSubscription()
  if (subscription) {
    await api.unsubscribe(subscription.endpoint)
    await subscription.unsubscribe()
  }
  return pushState()
}

/** At each start: browsers change addresses without a word, and servers forget those that fail. */
export async function renew(api: PushApi): Promise<void> {
  const subscription = await (await manager())?.getSubscription()
  if (!subscription) return
  const { public_key } = await api.push()
  if (sameKey(subscription, public_key)) await tellServer(api, subscription)
  else {
    await subscription.unsubscribe()
    if (Notification.permission === 'granted') await turnOn(api)
  }
}

/** Who signs out is told nothing more here, even where the server is not reached. */
export async function endPushes(): Promise<void> {
  await (await (await manager())?.getSubscription())?.unsubscribe()
}

function tellServer(api: PushApi, subscription: PushSubscription): Promise<unknown> {
  return api.subscribe(subscription.toJSON())
}

function sameKey({ options }: PushSubscription, key: string): boolean {
  if (!options.applicationServerKey) return false
  const bytes = new Uint8Array(options.applicationServerKey)
  const text = btoa(String.fromCharCode(...bytes))
  return text.replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '') === key
}
