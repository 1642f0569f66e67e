/** What stands in a timeline, line by line. */
import type { Message } from '../api/types'
import type { Timeline } from '../core/model'
import { dayKey } from '../core/time'

export type Row =
  | { kind: 'day'; key: string; at: string }
  | { kind: 'unread'; key: string }
  | { kind: 'message'; key: string; message: Message; follows: boolean }

/** Messages of one person within this time stand under one name. */
const TOGETHER_MS = 5 * 60_000

export function rows(line: Timeline, me: number | undefined): Row[] {
  const out: Row[] = []
  let before: Message | undefined
  let lineDrawn = line.readAtOpen === 0
  for (const message of line.messages) {
    const newDay = !before || dayKey(before.sent_at) !== dayKey(message.sent_at)
    if (newDay) out.push({ kind: 'day', key: `day ${message.id}`, at: message.sent_at })
    const fresh = !lineDrawn && message.id > line.readAtOpen && message.author.id !== me
    // Without the message before it, nobody knows whether the unread ones begin here.
    const unread = fresh && (before !== undefined || !line.moreBefore)
    if (unread) out.push({ kind: 'unread', key: 'unread' })
    if (fresh) lineDrawn = true
    const follows =
      !newDay &&
      !unread &&
      before?.author.id === message.author.id &&
      !before.deleted &&
      message.reply_to == null &&
      Date.parse(message.sent_at) - Date.parse(before.sent_at) < TOGETHER_MS
    // A sent message keeps the key it had while it was on its way.
    const key = message.author.id === me && message.client_id ? message.client_id : `${message.id}`
    out.push({ kind: 'message', key, message, follows })
    before = message
  }
  return out
}
