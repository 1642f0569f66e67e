/** `@` and the people behind it: what is being typed, who is offered, who was chosen. */
import type { Author, User } from '../api/types'
import { find } from './hangul'

/**
 * What stands between an `@` and the caret, or `null` where no name is being typed. As the server
 * sees it, an `@` inside a Latin word is an address; behind Korean it needs no space.
 */
export function mentionQuery(before: string): string | null {
  return (
    /(?:^|[^\p{L}\p{N}_]|\p{scx=Hang}|\p{scx=Han}|\p{scx=Kana})@([^\s@]{0,40})$/u.exec(
      before,
    )?.[1] ?? null
  )
}

/** Somebody chosen from the list, under the name that was written into the text. */
export interface Chosen {
  id: number
  name: string
}

/** Those of the chosen who still stand in the text: the rest was deleted again. */
export function stillNamed(chosen: readonly Chosen[], text: string): number[] {
  const here = text.normalize('NFC')
  const ids = chosen.filter(({ name }) => here.includes(`@${name.normalize('NFC')}`))
  return [...new Set(ids.map(({ id }) => id))]
}

/** Asks for members by half a name; an empty one gives the first of all. */
export type AskMembers = (q: string, limit: number, signal: AbortSignal) => Promise<User[]>

/** A room this small is asked for once and then searched here. */
const WHOLE = 100
const SOME = 20
const SHOWN = 6

/** The people of one room, as far as they are known here. Forgotten with the room's composer. */
export class Directory {
  private readonly known = new Map<number, Author>()
  private whole = false
  private asking: AbortController | undefined

  constructor(
    private readonly ask: AskMembers,
    private readonly me: number,
  ) {}

  /** Those who may be meant, the likeliest first. */
  best(query: string): Author[] {
    const others = [...this.known.values()].filter(({ id }) => id !== this.me)
    return find(query, others, (user) => [user.display_name, user.username]).slice(0, SHOWN)
  }

  /** Learns who may be meant; true when there is something new to show. */
  async look(query: string): Promise<boolean> {
    this.asking?.abort()
    if (this.whole) return false
    const { signal } = (this.asking = new AbortController())
    try {
      if (this.known.size === 0) await this.learn('', WHOLE, signal)
      if (query !== '') await this.learn(query, SOME, signal)
      return true
    } catch {
      // Without a list one can still write the name.
      return false
    }
  }

  private async learn(query: string, limit: number, signal: AbortSignal): Promise<void> {
    if (this.whole) return
    const users = await this.ask(query, limit, signal)
    if (signal.aborted) return
    for (const user of users) if (!user.disabled) this.known.set(user.id, user)
    if (query === '' && users.length < limit) this.whole = true
  }
}
