/** Loads what is wanted until it works: with patience, at once when the line is back. */
import { ApiError } from './api'
import type { Clock } from './connection'
import type { LineKey } from './model'

const DELAY_MS = 1_000
const DELAY_MAX_MS = 15_000

/** Loads, and lets go of what comes when something else is wanted by then. */
export type Load = (stillWanted: () => boolean) => Promise<void>

interface Want {
  what: string
  load: Load
  tries: number
  running: boolean
  cancel?: () => void
}

export class Loader {
  private readonly wants = new Map<LineKey, Want>()

  /** `problem` hears why a line could not be loaded, and `null` when it is tried again. */
  constructor(
    private readonly problem: (key: LineKey, code: string | null) => void,
    private readonly clock: Clock,
  ) {}

  /** Wants `what` of the line; anything else that was wanted of it is forgotten. */
  want(key: LineKey, what: string, load: Load): void {
    if (this.wants.get(key)?.what === what) return
    this.forget(key)
    const want: Want = { what, load, tries: 0, running: false }
    this.wants.set(key, want)
    void this.run(key, want)
  }

  forget(key: LineKey): void {
    this.wants.get(key)?.cancel?.()
    this.wants.delete(key)
    this.problem(key, null)
  }

  /** The line is back, or somebody asks for it. */
  again(): void {
    for (const [key, want] of this.wants) void this.run(key, want)
  }

  close(): void {
    for (const { cancel } of this.wants.values()) cancel?.()
    this.wants.clear()
  }

  private async run(key: LineKey, want: Want): Promise<void> {
    want.cancel?.()
    if (want.running) return
    want.running = true
    try {
      await want.load(() => this.wants.get(key) === want)
      if (this.wants.get(key) === want) this.forget(key)
    } catch (error) {
      if (this.wants.get(key) !== want) return
      this.problem(key, error instanceof ApiError ? error.code : 'internal')
      if (isFinal(error)) {
        this.wants.delete(key)
        return
      }
      const delay_ms = Math.min(DELAY_MAX_MS, DELAY_MS * 2 ** want.tries++)
      want.cancel = this.clock.after(delay_ms * (0.5 + this.clock.random()), () => {
        void this.run(key, want)
      })
    } finally {
      want.running = false
    }
  }
}

/** Asking again will not change the answer. */
function isFinal(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false
  return error.status >= 400 && error.status < 500 && error.status !== 429 && error.status !== 408
}
