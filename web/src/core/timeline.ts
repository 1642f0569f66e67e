/** The window onto a room: merging pages and events into it without holes or doubles. */
import type { Message, MessagePage } from '../api/types'
import type { Timeline } from './model'

/** At most this many messages are held; the far end is let go. */
const HELD = 400

export type Place = 'latest' | 'around' | 'before' | 'after'

/** The window after a page has come. Only `before` and `after` join what is there. */
export function withPage(
  old: Timeline | undefined,
  page: MessagePage,
  place: Place,
  readAtOpen: number,
): Timeline {
  const fresh = {
    messages: page.messages,
    moreBefore: page.more_before,
    moreAfter: page.more_after,
    follow: place === 'latest' && !page.more_after,
    readAtOpen: old?.readAtOpen ?? readAtOpen,
  }
  if (!old || place === 'latest' || place === 'around') return fresh
  const messages = merge(old.messages, page.messages)
  if (place === 'before') {
    const excess = messages.length > HELD
    return {
      ...old,
      messages: messages.slice(0, HELD),
      moreBefore: page.more_before,
      moreAfter: old.moreAfter || excess,
      follow: old.follow && !excess,
    }
  }
  return {
    ...old,
    messages: messages.slice(-HELD),
    moreBefore: old.moreBefore || messages.length > HELD,
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
export function withMessage(line: Timeline, message: Message): Timeline {
  const { messages } = line
  const last = messages.at(-1)?.id ?? 0
  if (message.id <= last) {
    const known = messages.some((m) => m.id === message.id)
    return known ? replaced(line, message) : line
  }
  if (line.moreAfter) return line
  if (messages.length < HELD) return { ...line, messages: [...messages, message] }
  if (!line.follow) return { ...line, moreAfter: true }
  return { ...line, messages: [...messages.slice(1 - HELD), message], moreBefore: true }
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

/** The first message of a thread with a reply less, when one that stood here was deleted. */
export function withoutReply(line: Timeline, gone: Message): Timeline {
  const { reply_to: root } = gone
  const was = line.messages.find((message) => message.id === gone.id)
  if (!gone.deleted || root == null || !was || was.deleted) return line
  return changed(line, root, ({ thread, ...first }) => {
    if (!thread || thread.count <= 1) return first
    return { ...first, thread: { ...thread, count: thread.count - 1 } }
  })
}

export function replaced(line: Timeline, message: Message): Timeline {
  return changed(line, message.id, () => message)
}

/** Applies `change` to one message, if the window holds it. */
export function changed(line: Timeline, id: number, change: (m: Message) => Message): Timeline {
  const at = line.messages.findIndex((message) => message.id === id)
  const old = line.messages[at]
  if (!old) return line
  const next = change(old)
  return next === old ? line : { ...line, messages: line.messages.with(at, next) }
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
