/** Deleting that can be undone for a while: until then only the reader sees that it is gone. */
import type { Clock } from './connection'

export const UNDO_MS = 6_000

export class Removing {
  private readonly waiting = new Map<number, () => void>()

  constructor(
    private readonly remove: (message: number) => Promise<unknown>,
    /** Whether the message is out of sight. */
    private readonly show: (message: number, gone: boolean) => void,
    private readonly failed: (error: unknown) => void,
    private readonly clock: Clock,
  ) {}

  start(message: number): void {
    this.waiting.get(message)?.()
    this.show(message, true)
    this.waiting.set(
      message,
      this.clock.after(UNDO_MS, () => this.finish(message)),
    )
  }

  undo(message: number): void {
    const cancel = this.waiting.get(message)
    if (!cancel) return
    cancel()
    this.waiting.delete(message)
    this.show(message, false)
  }

  /** The page is left: what was deleted is deleted. */
  flush(): void {
    for (const [message, cancel] of [...this.waiting]) {
      cancel()
      this.finish(message)
    }
  }

  private finish(message: number): void {
    this.waiting.delete(message)
    this.remove(message).then(
      () => this.show(message, false),
      (error: unknown) => {
        this.show(message, false)
        this.failed(error)
      },
    )
  }
}
