/** The window onto a line of messages: merging pages and events into it without holes or doubles. */
import type { Message, MessagePage } from '../api/types'
import { HELD, type LineKey, type Timeline } from './model'
import { atEnd, placed } from './place'

/** Beyond what is held, so that not each message at the end takes one away at the beginning. */
const SLACK = 40

/** `refresh`: the same part of the line again, as it is now. */
export type Where = 'latest' | 'around' | 'before' | 'after' | 'refresh'

export interface Fresh {
  room: number
  root?: number | undefined
  /** How many messages may be held. */
  held?: number
}

export const keyOf = ({ room, root }: { room: number; root?: number | undefined }): LineKey =>
  root === undefined ? `room ${room}` : `thread ${root}`

/** The window after a page has come. Only `before` and `after` join what is there. */
export function withPage(
  old: Timeline | undefined,
  page: MessagePage,
  where: Where,
  { room, root, held = HELD }: Fresh,
): Timeline {
  if (!old || where === 'latest' || where === 'around') {
    const toEnd = where === 'latest' && !page.more_after
    return {
      room,
      root,
      messages: page.messages,
      moreBefore: page.more_before,
      moreAfter: page.more_after,
      generation: (old?.generation ?? 0) + 1,
      place: placed(old?.place ?? atEnd, { type: 'jumped', toEnd }),
    }
  }
  if (where === 'refresh') {
    const { messages, more_before: moreBefore, more_after: moreAfter } = page
    return { ...old, messages, moreBefore, moreAfter }
  }
  const messages = merge(old.messages, page.messages)
  const excess = messages.length > held
  if (where === 'before') {
    return {
      ...old,
      messages: messages.slice(0, held),
      moreBefore: page.more_before,
      moreAfter: old.moreAfter || excess,
      place: excess ? placed(old.place, { type: 'scrolled', atEnd: false }) : old.place,
    }
  }
  return {
    ...old,
    messages: messages.slice(-held),
    moreBefore: old.moreBefore || excess,
    moreAfter: page.more_after,
  }
}

/** Both lists as one, by id; the second one's word counts. */
function merge(a: Message[], b: Message[]): Message[] {
  const byId = new Map(a.map((message) => [message.id, message]))
  for (const message of b) byId.set(message.id, message)
  return [...byId.values()].sort((x, y) => x.id - y.id)
}

/** A new message at the live end; one that lies beyond the window is left for paging. */
export function withMessage(line: Timeline, message: Message, held: number): Timeline {
  const { messages } = line
  const last = messages.at(-1)?.id ?? 0
  if (message.id <= last) {
    return indexOf(messages, message.id) < 0 ? line : replaced(line, message)
  }
  if (line.moreAfter) return line
  if (messages.length < held + SLACK) return { ...line, messages: [...messages, message] }
  if (!line.place.follow) return { ...line, moreAfter: true }
  return { ...line, messages: [...messages.slice(1 - held), message], moreBefore: true }
}

/** The first message of a thread with a reply more, unless it is counted already. */
export function withReply(line: Timeline, reply: Message): Timeline {
  if (reply.reply_to == null) return line
  return changed(line, reply.reply_to, (root) => {
    const { count = 0, last_at = '' } = root.thread ?? {}
    if (Date.parse(last_at) >= Date.parse(reply.sent_at)) return root
    return { ...root, thread: { count: count + 1, last_at: reply.sent_at } }
  })
}

export function replaced(line: Timeline, message: Message): Timeline {
  return changed(line, message.id, () => message)
}

/** Applies `change` to one message, if the window holds it. */
export function changed(line: Timeline, id: number, change: (m: Message) => Message): Timeline {
  const at = indexOf(line.messages, id)
  const old = line.messages[at]
  if (!old) return line
  const next = change(old)
  return next === old ? line : { ...line, messages: line.messages.with(at, next) }
}

/** Where the message stands; -1 where it does not. The list is in the order of the ids. */
function indexOf(messages: readonly Message[], id: number): number {
  let low = 0
  let high = messages.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((messages[middle]?.id ?? 0) < id) low = middle + 1
    else high = middle
  }
  return messages[low]?.id === id ? low : -1
}

export function withReaction(message: Message, emoji: string, user: number): Message {
  const found = message.reactions.find((reaction) => reaction.emoji === emoji)
  if (found?.user_ids.includes(user)) return message
  const reactions = found
    ? message.reactions.map((r) => (r === found ? { emoji, user_ids: [...r.user_ids, user] } : r))
    : [...message.reactions, { emoji, user_ids: [user] }]
  return { ...message, reactions }
}

export function withoutReaction(message: Message, emoji: string, user: number): Message {
  const reactions = message.reactions
    .map((r) =>
      r.emoji === emoji ? { emoji, user_ids: r.user_ids.filter((id) => id !== user) } : r,
    )
    .filter((r) => r.user_ids.length > 0)
  return { ...message, reactions }
}
