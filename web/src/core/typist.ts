/** When one's own typing is told: now and then, again after a send, and its end at once. */
import type { Clock } from './connection'

/** How often one's own typing is told. */
const EVERY_MS = 3_000
/** The server lets pass what follows closer than half a second. */
const APART_MS = 600

export class Typist {
  private toldAt = -Infinity
  private room: number | undefined
  private cancel: (() => void) | undefined

  constructor(
    private readonly tell: (room: number, stopped: boolean) => void,
    private readonly now: () => number,
    private readonly clock: Clock,
  ) {}

  /** A key was pressed, and something stands in the field. */
  typed(room: number): void {
    if (this.cancel) return
    const since = this.now() - this.toldAt
    if (this.room === room && since < EVERY_MS) return
    if (since >= APART_MS) {
      this.say(room)
      return
    }
    this.cancel = this.clock.after(APART_MS - since, () => {
      this.cancel = undefined
      this.say(room)
    })
  }

  /** The message is out: the others see it, and what is typed next is told anew. */
  posted(): void {
    this.room = undefined
    this.cancel?.()
    this.cancel = undefined
  }

  /** The field was emptied: nobody waits for what does not come. */
  stopped(): void {
    const { room } = this
    this.posted()
    if (room !== undefined) this.tell(room, true)
  }

  private say(room: number): void {
    this.room = room
    this.toldAt = this.now()
    this.tell(room, false)
  }
}
