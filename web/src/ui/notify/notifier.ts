/** Tells of what happens while nobody looks: one window of the browser does, for all of them. */
import type { Client } from '../../core/client'
import type { LiveEvent } from '../../core/events'
import { isReading, noticeOf, type Notice, type Windows } from '../../core/notices'
import { tagOf } from '../../sw/push'
import { w } from '../../i18n'
import { go } from '../route'
import { settings } from '../settings/store'
import { chime } from './chime'
import { lead, Sign, windows } from './windows'

export { renew } from './push'

export function notifier(client: Client): () => void {
  const sign = new Sign()
  let leads = false
  let heard = client.store.state.position?.seq ?? 0
  const stopLeading = lead(() => (leads = true))

  const look = () => {
    const { state } = client.store
    const shown = Object.keys(state.rooms).map(Number)
    sign.tell(state.awake ? shown.filter((room) => isReading(state, room)) : null)
    const news = state.recent.filter(({ seq }) => seq > heard)
    heard = Math.max(heard, state.position?.seq ?? 0)
    if (leads) for (const event of news) void tell(client, event)
  }
  const forget = client.store.subscribe(look)
  look()
  const { serviceWorker } = navigator as Partial<Navigator>
  const onMessage = ({ data }: MessageEvent<{ go?: string } | undefined>) => {
    if (data?.go) go(data.go)
  }
  serviceWorker?.addEventListener('message', onMessage)
  return () => {
    forget()
    stopLeading()
    sign.clear()
    serviceWorker?.removeEventListener('message', onMessage)
  }
}

/** As if there were no other window. */
const alone: Windows = { here: false, reading: () => false }

async function tell(client: Client, event: LiveEvent): Promise<void> {
  if (event.type === 'read.moved') {
    withdraw(event.room_id)
    return
  }
  // Most of what comes is nothing to be told: nobody is asked then.
  const { state } = client.store
  if (event.type === 'message.created' && isReading(state, event.room_id)) return
  if (!noticeOf(state, event, settings.value, alone, client.now())) return
  const around = await windows()
  const notice = noticeOf(client.store.state, event, settings.value, around, client.now())
  if (!notice) return
  if (settings.value.sound === 'on') chime()
  await show(notice)
}

async function show(notice: Notice): Promise<void> {
  if (!('Notification' in window) || Notification.permission !== 'granted') return
  const title = [notice.who, notice.where].filter((part) => part !== '').join(' · ')
  const url = `/rooms/${notice.room}?m=${notice.message}`
  const options = {
    body: notice.text ?? w.newMessageNotice,
    tag: tagOf(notice.room),
    icon: '/icon-192.png',
    silent: true,
    data: { url },
  }
  const worker = await (navigator as Partial<Navigator>).serviceWorker?.getRegistration()
  if (worker) return worker.showNotification(title, options)
  const shown = new Notification(title, options)
  shown.onclick = () => {
    window.focus()
    go(url)
    shown.close()
  }
}

/** In a busy room reading moves many times a second; notices of it go a little later. */
const WITHDRAWN_AFTER_MS = 500
const read = new Set<number>()

/** What was read needs no telling any more, wherever it was read. */
function withdraw(room: number): void {
  if (read.size === 0) setTimeout(() => void withdrawAll(), WITHDRAWN_AFTER_MS)
  read.add(room)
}

async function withdrawAll(): Promise<void> {
  const rooms = [...read]
  read.clear()
  const worker = await (navigator as Partial<Navigator>).serviceWorker?.getRegistration()
  for (const room of rooms) {
    const shown = (await worker?.getNotifications({ tag: tagOf(room) })) ?? []
    for (const one of shown) one.close()
  }
}
