/**
 * When those who show the state are told of a change: with the next frame, but in a rush only now
 * and then. What the reader did oneself never waits.
 */
import type { Clock } from './connection'

/** In a rush: fast enough to be live, slow enough to leave the machine alone. */
const APART_MS = 100
/** So many in a row are no rush yet: somebody stops typing, and what they wrote is here. */
const IN_A_ROW = 4

/** Calls back with the next frame; the answer cancels it. */
export type Frame = (then: () => void) => () => void

export class Pace {
  /** How many may be told at once, as of `countedAt`. */
  private allowed = IN_A_ROW
  private countedAt = 0
  private waiting: { soon: boolean; cancel: () => void } | undefined

  constructor(
    private readonly frame: Frame,
    private readonly clock: Clock,
    private readonly now: () => number,
  ) {}

  /** `then` is called once for all that is asked until then. */
  ask = (then: () => void, soon: boolean): void => {
    const wait_ms = (1 - this.count()) * APART_MS
    const now = soon || wait_ms <= 0
    if (this.waiting && (this.waiting.soon || !now)) return
    this.waiting?.cancel()
    const tell = () => {
      this.waiting = undefined
      this.allowed = Math.max(0, this.count() - 1)
      then()
    }
    const cancel = now
      ? this.frame(tell)
      : this.clock.after(wait_ms, () => {
          this.waiting = { soon: true, cancel: this.frame(tell) }
        })
    this.waiting = { soon: now, cancel }
  }

  private count(): number {
    const now = this.now()
    this.allowed = Math.min(IN_A_ROW, this.allowed + (now - this.countedAt) / APART_MS)
    this.countedAt = now
    return this.allowed
  }
}
