/**
 * Tells the server how far one has read: at an easy pace, the furthest only, and again after a
 * break until the server has heard it.
 */
import type { Clock } from './connection'

const APART_MS = 500

export class Reader {
  /** What the server is known to know, by room. */
  private readonly told = new Map<number, number>()
  private readonly wanted = new Map<number, number>()
  /** Told, and not heard of yet as an event. */
  private readonly sent = new Map<number, number[]>()
  private waiting: (() => void) | undefined

  /** `tell` resolves to whether the server has heard. */
  constructor(
    private readonly tell: (room: number, message: number) => Promise<boolean>,
    private readonly clock: Clock,
  ) {}

  /** The server said so itself. */
  learned(room: number, message: number): void {
    if (message > (this.told.get(room) ?? 0)) this.told.set(room, message)
  }

  /** Whether an event only says what was told from here. */
  echo(room: number, message: number): boolean {
    const sent = this.sent.get(room) ?? []
    const at = sent.indexOf(message)
    if (at >= 0) sent.splice(0, at + 1)
    return at >= 0
  }

  /** The server was told to forget: what stands after `message` is unread again. */
  back(room: number, message: number): void {
    this.wanted.delete(room)
    this.told.set(room, message)
  }

  toldUpTo(room: number): number {
    return Math.max(this.told.get(room) ?? 0, this.wanted.get(room) ?? 0)
  }

  want(room: number, message: number): void {
    if (message <= this.toldUpTo(room)) return
    this.wanted.set(room, message)
    // The first is told at once, what follows closely together.
    if (this.waiting) return
    this.waiting = this.clock.after(APART_MS, () => {
      this.waiting = undefined
      if (this.wanted.size > 0) void this.flush()
    })
    void this.flush()
  }

  /** The line stands again. */
  async flush(): Promise<void> {
    for (const [room, message] of [...this.wanted]) {
      this.sent.set(room, [...(this.sent.get(room) ?? []).slice(-20), message])
      const heard = await this.tell(room, message).catch(() => false)
      if (!heard) continue
      this.learned(room, message)
      if (this.wanted.get(room) === message) this.wanted.delete(room)
    }
  }

  close(): void {
    this.waiting?.()
  }
}
