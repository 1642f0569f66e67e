/** Reactions to a message: one emoji is one, however it is spelled. */
import type { Message } from '../../api/types'
import { emojiKey } from './emoji'

type Reaction = Message['reactions'][number]

/** Spellings of one emoji as one, under the first; everybody once. */
export function grouped(reactions: readonly Reaction[]): Reaction[] {
  const byKey = new Map<string, Reaction>()
  for (const reaction of reactions) {
    const key = emojiKey(reaction.emoji)
    const old = byKey.get(key)
    const user_ids = [...new Set([...(old?.user_ids ?? []), ...reaction.user_ids])]
    byKey.set(key, { ...(old ?? reaction), user_ids })
  }
  return [...byKey.values()]
}

/** Whether somebody has reacted so, and in which spelling the server knows it. */
export function reactionTo(
  reactions: readonly Reaction[],
  emoji: string,
  user: number,
): { mine: boolean; spelling: string } {
  const same = reactions.filter((one) => emojiKey(one.emoji) === emojiKey(emoji))
  const mine = same.find(({ user_ids }) => user_ids.includes(user))
  return { mine: mine !== undefined, spelling: (mine ?? same[0])?.emoji ?? emoji }
}
