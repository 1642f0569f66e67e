/**
 * What stands in a line of messages, row by row. A message on its way is a row as any other: with
 * the key and the height that it keeps when the server confirms it.
 */
import type { Attachment, Author, Message } from '../api/types'
import type { LineKey, Pending, PendingFile, State, Timeline } from './model'
import { isFolded } from './threads'
import { dayKey } from './time'

export type Row =
  | { kind: 'day'; key: string; at: string }
  | { kind: 'unread'; key: string }
  /** Between what is shown of the past and what one just wrote there is more. */
  | { kind: 'gap'; key: string }
  | MessageRow

export interface MessageRow {
  kind: 'message'
  key: string
  message: Message
  /** Stands under the same name as the row above. */
  follows: boolean
  /** Not confirmed by the server yet. */
  pending: Pending | undefined
}

/** Messages of one person within this time stand under one name. */
const TOGETHER_MS = 5 * 60_000

interface When {
  ms: number
  day: string
}
const known = new WeakMap<Message, When>()

/** When a message was sent, worked out once for each. */
function when(message: Message): When {
  let found = known.get(message)
  if (!found) {
    found = { ms: Date.parse(message.sent_at), day: dayKey(message.sent_at) }
    known.set(message, found)
  }
  return found
}

const asMessages = new WeakMap<Pending, Message>()

/** What is on its way, in the shape of a message; it has no id yet. */
function asMessage(pending: Pending, author: Author): Message {
  let found = asMessages.get(pending)
  if (!found) {
    found = {
      id: 0,
      room_id: pending.room_id,
      author,
      text: pending.text,
      sent_at: pending.sent_at,
      client_id: pending.client_id,
      ...(pending.reply_to === undefined ? {} : { reply_to: pending.reply_to }),
      ...(pending.also_in_room ? { also_in_room: true } : {}),
      reactions: [],
      files: pending.files?.map(asFile) ?? [],
      mentions: pending.mentions ?? [],
      pinned: false,
    }
    asMessages.set(pending, found)
  }
  return found
}

/** As large as it will be when it is whole. */
function asFile({ file, name, size, mime, width, height }: PendingFile): Attachment {
  return (
    file ?? {
      id: 0,
      name,
      size,
      mime,
      width: width ?? null,
      height: height ?? null,
      created_at: '',
    }
  )
}

export function rows(
  line: Timeline,
  waiting: readonly Pending[],
  me: Author | null,
  removing: State['removing'] = {},
): Row[] {
  const out: Row[] = []
  const days = new Set<string>()
  let before: Message | undefined
  let lineDrawn = line.place.line === null

  const add = (message: Message, pending: Pending | undefined) => {
    const { day, ms } = when(message)
    const newDay = !before || when(before).day !== day
    if (newDay) {
      // A clock that was set back can bring a day twice.
      const key = days.has(day) ? `day ${day} ${message.id}` : `day ${day}`
      days.add(day)
      out.push({ kind: 'day', key, at: message.sent_at })
    }
    const mine = message.author.id === me?.id
    const fresh = !lineDrawn && !pending && !mine && message.id > (line.place.line ?? 0)
    // Without the message before it, nobody knows whether the unread ones begin here.
    const unread = fresh && (before !== undefined || !line.moreBefore)
    if (unread) out.push({ kind: 'unread', key: 'unread' })
    if (fresh) lineDrawn = true
    const follows =
      !newDay &&
      !unread &&
      before?.author.id === message.author.id &&
      !before.deleted &&
      // In a thread the answers stand apart from what they answer.
      (line.root === undefined ? message.reply_to == null : before.id !== line.root) &&
      ms - when(before).ms < TOGETHER_MS
    const key = mine && message.client_id ? message.client_id : `${message.id}`
    out.push({ kind: 'message', key, message, follows, pending })
    before = message
  }

  for (const message of line.messages) if (!removing[message.id]) add(message, undefined)
  if (me && waiting.length > 0) {
    if (line.moreAfter) {
      out.push({ kind: 'gap', key: 'gap' })
      before = undefined
    }
    for (const pending of waiting) add(asMessage(pending, me), pending)
  }
  return out
}

/** What of the outbox belongs to a line. */
export function waitingIn(
  { room, root }: Pick<Timeline, 'room' | 'root'>,
  pending: readonly Pending[],
): Pending[] {
  return pending.filter(
    (p) => p.room_id === room && (root === undefined ? !isFolded(p) : p.reply_to === root),
  )
}

const none: Row[] = []
const made = new WeakMap<
  Timeline,
  { pending: readonly Pending[]; me: Author | null; removing: State['removing']; rows: Row[] }
>()

/** The rows of a line as the state has it: the same list as long as nothing in it changes. */
export function rowsOf(state: State, key: LineKey): Row[] {
  const line = state.timelines[key]
  if (!line) return none
  const { pending, me, removing } = state
  const found = made.get(line)
  if (found?.pending === pending && found.me === me && found.removing === removing)
    return found.rows
  const shown = rows(line, waitingIn(line, pending), me, removing)
  const fresh = { pending, me, removing, rows: shown }
  made.set(line, fresh)
  return fresh.rows
}
