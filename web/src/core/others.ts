/** What passes of others: who is here, how far they have read. */
import type { Presence, State } from './model'

export interface Seen {
  user_id: number
  message_id: number
}

interface Change {
  online: readonly number[]
  away: readonly number[]
  offline: readonly number[]
  /** That is everybody; whoever is not named is gone. */
  whole?: boolean
}

export function present(
  known: Record<number, Presence>,
  { online, away, offline, whole = false }: Change,
): Record<number, Presence> {
  const gone = new Set(offline.map(String))
  const stay = whole ? [] : Object.entries(known).filter(([id]) => !gone.has(id))
  return Object.fromEntries([
    ...stay,
    ...online.map((id) => [id, 'here']),
    ...away.map((id) => [id, 'away']),
  ]) as Record<number, Presence>
}

/** Reading only goes on, whatever order it is heard in. */
export function seenBy(
  { seen }: Pick<State, 'seen'>,
  { room, reads }: { room: number; reads: readonly Seen[] },
): Record<number, number> {
  const next = { ...seen[room] }
  for (const { user_id, message_id } of reads)
    next[user_id] = Math.max(next[user_id] ?? 0, message_id)
  return next
}

/** Who, but for the reader and its author, has read a message. */
export function readersOf(
  seen: Record<number, number> | undefined,
  message: number,
  except: readonly (number | undefined)[],
): number[] {
  return Object.entries(seen ?? {})
    .filter(([, upTo]) => upTo >= message)
    .map(([id]) => Number(id))
    .filter((id) => !except.includes(id))
}
