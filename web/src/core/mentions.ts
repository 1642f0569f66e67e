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

/** Asks for people by half a name; an empty one gives the first of all. */
export type AskPeople = (q: string, limit: number, signal: AbortSignal) => Promise<User[]>

/** A room this small is asked for once and then searched here. */
const WHOLE = 100
const SOME = 20
const SHOWN = 6

export interface Candidate {
  user: Author
  /** Not in the room: will not hear of it. */
  outside: boolean
}

/** The people of one room, as far as they are known here. Forgotten with the room's composer. */
export class Directory {
  private readonly known = new Map<number, Author>()
  private readonly others = new Map<number, Author>()
  private whole = false
  private asking: AbortController | undefined

  constructor(
    private readonly askMembers: AskPeople,
    private readonly me: number,
    /** Asks for anybody; left out where nobody can be asked in. */
    private readonly askAnybody?: AskPeople,
  ) {}

  /** Those who may be meant, the likeliest first; people outside of the room behind all others. */
  best(query: string): Candidate[] {
    const members = this.matching(query, this.known, false)
    // Without a letter of a name everybody would be meant.
    const others = query === '' ? [] : this.matching(query, this.others, true)
    return [...members, ...others].slice(0, SHOWN)
  }

  private matching(
    query: string,
    from: ReadonlyMap<number, Author>,
    outside: boolean,
  ): Candidate[] {
    const people = [...from.values()].filter(({ id }) => id !== this.me)
    const found = find(query, people, (user) => [user.display_name, user.username])
    return found.map((user) => ({ user, outside }))
  }

  /** Learns who may be meant; true when there is something new to show. */
  async look(query: string): Promise<boolean> {
    this.asking?.abort()
    if (this.whole && (query === '' || !this.askAnybody)) return false
    const { signal } = (this.asking = new AbortController())
    try {
      if (this.known.size === 0) await this.learn('', WHOLE, signal)
      if (query !== '' && !this.whole) await this.learn(query, SOME, signal)
      if (query !== '' && this.best(query).length < SHOWN) await this.learnOthers(query, signal)
      return true
    } catch {
      // Without a list one can still write the name.
      return false
    }
  }

  private async learn(query: string, limit: number, signal: AbortSignal): Promise<void> {
    if (this.whole) return
    const users = await this.askMembers(query, limit, signal)
    if (signal.aborted) return
    for (const user of users) {
      if (!user.disabled) this.known.set(user.id, user)
      this.others.delete(user.id)
    }
    if (query === '' && users.length < limit) this.whole = true
  }

  private async learnOthers(query: string, signal: AbortSignal): Promise<void> {
    const users = (await this.askAnybody?.(query, SOME, signal)) ?? []
    if (signal.aborted) return
    for (const user of users) {
      if (!user.disabled && !this.known.has(user.id)) this.others.set(user.id, user)
    }
  }
}
