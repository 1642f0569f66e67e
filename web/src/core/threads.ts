/** One's own side of threads: which are followed, and what in them was not read. */
import type { FollowState, Message } from '../api/types'
import { threadLine, type State, type Timeline } from './model'

/** A reply that does not stand in its room. */
export function isFolded(message: Pick<Message, 'reply_to' | 'also_in_room'>): boolean {
  return message.reply_to != null && !message.also_in_room
}

export function withFollow(state: State, root: number, me: FollowState): State {
  const old = state.follows[root]
  if (old?.following === me.following && old.unread === me.unread) return state
  return { ...state, follows: { ...state.follows, [root]: me } }
}

/** A reply came: who takes part follows, and what others say is unread until it is seen. */
export function replied(state: State, reply: Message, isSeen: boolean): State {
  const { reply_to: root } = reply
  if (root == null) return state
  return counted({ ...state, replied: { ...state.replied, [root]: reply.id } }, root, reply, isSeen)
}

function counted(state: State, root: number, reply: Message, isSeen: boolean): State {
  const known = state.follows[root]
  const mine = reply.author.id === state.me?.id
  if (mine) return withFollow(state, root, { following: true, unread: 0 })
  const named = state.me !== null && reply.mentions.includes(state.me.id)
  const { following = named, unread = 0 } = known ?? {}
  // Whether a thread is followed that was never heard of, the server knows.
  if (!following) return state
  return withFollow(state, root, { following, unread: isSeen ? 0 : unread + 1 })
}

/** One has read the thread so far oneself. */
export function threadRead(state: State, root: number, upTo: number): State {
  const follow = state.follows[root]
  const line = state.timelines[threadLine(root)]
  if (!follow || !line || follow.unread === 0) return state
  const left = line.messages.filter((m) => m.id > upTo && m.author.id !== state.me?.id).length
  const unread = line.moreAfter ? follow.unread : Math.min(follow.unread, left)
  return withFollow(state, root, { ...follow, unread })
}

/** After which message the unread ones begin, in what is held of a thread. */
export function readBefore(line: Timeline, unread: number, me: number | undefined): number {
  let left = unread
  for (let n = line.messages.length - 1; n >= 0; n--) {
    const message = line.messages[n]
    if (!message || message.author.id === me || message.id === line.root) continue
    if (--left === 0) return line.messages[n - 1]?.id ?? 0
  }
  return line.messages[0]?.id ?? 0
}

/** Threads in which somebody waits for the reader. */
export function unreadThreads({ follows }: Pick<State, 'follows'>): number {
  return Object.values(follows).filter(({ following, unread }) => following && unread > 0).length
}
