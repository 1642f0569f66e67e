/** Names of people who are known by id only: asked for together, each once. */
import type { User } from '../api/types'

/** As many fit into one request. */
const AT_ONCE = 100

export class People {
  private readonly asked = new Set<number>()
  private waiting: number[] = []

  constructor(
    private readonly ask: (ids: number[]) => Promise<User[]>,
    private readonly learned: (users: User[]) => void,
  ) {}

  /** Nothing happens for those who were wanted before. */
  want(ids: readonly number[]): void {
    for (const id of ids) {
      if (this.asked.has(id)) continue
      this.asked.add(id)
      this.waiting.push(id)
    }
    if (this.waiting.length > 0) queueMicrotask(() => void this.flush())
  }

  /** What was heard may be old now: people are asked for again when they are wanted. */
  forget(): void {
    this.asked.clear()
    this.waiting = []
  }

  private async flush(): Promise<void> {
    while (this.waiting.length > 0) {
      const ids = this.waiting.splice(0, AT_ONCE)
      try {
        this.learned(await this.ask(ids))
      } catch {
        for (const id of ids) this.asked.delete(id)
      }
    }
  }
}
