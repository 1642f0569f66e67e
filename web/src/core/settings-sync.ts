/**
 * Settings live with the account: what is changed here goes to the server as soon as that is
 * reached, what is changed elsewhere comes from it. Until the server has a change, it counts here.
 */
import type { Clock } from './connection'
import type { Settings, SettingsStore } from './settings'
import type { Storage } from './outbox'

const KEY = 'maru.settings.unsent'
/** Several clicks in a row are one request. */
const PACE_MS = 400
const AGAIN_MS = 5_000

export class SettingsSync {
  private unsent: Partial<Settings>
  private sending = false
  private cancel: (() => void) | undefined
  private closed = false

  constructor(
    private readonly store: SettingsStore,
    private readonly send: (patch: object) => Promise<unknown>,
    private readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>,
    private readonly clock: Clock,
  ) {
    this.unsent = kept(storage.getItem(KEY))
    store.onSet = (change) => this.changed(change)
    this.flushIn(0)
  }

  /** The server told how settings are. */
  heard(settings: Record<string, unknown>): void {
    this.store.learn({ ...settings, ...this.unsent })
  }

  /** The line is back. */
  flush(): void {
    this.flushIn(0)
  }

  close(): void {
    this.closed = true
    this.cancel?.()
    this.store.onSet = undefined
  }

  private flushIn(ms: number): void {
    if (this.waits() && !this.closed) this.soon(ms)
  }

  private waits(): boolean {
    return Object.keys(this.unsent).length > 0
  }

  private changed(change: Partial<Settings>): void {
    this.unsent = { ...this.unsent, ...change }
    this.keep()
    this.soon(PACE_MS)
  }

  private soon(ms: number): void {
    this.cancel?.()
    this.cancel = this.clock.after(ms, () => void this.go())
  }

  private async go(): Promise<void> {
    if (this.sending || this.closed || !this.waits()) return
    const patch = this.unsent
    this.sending = true
    let again = 0
    try {
      await this.send(patch)
      // What was changed meanwhile is not known there yet.
      const left = Object.entries(this.unsent).filter(
        ([name, value]) => patch[name as keyof Settings] !== value,
      )
      this.unsent = Object.fromEntries(left)
      this.keep()
    } catch {
      again = AGAIN_MS
    } finally {
      this.sending = false
    }
    this.flushIn(again)
  }

  private keep(): void {
    try {
      if (this.waits()) this.storage.setItem(KEY, JSON.stringify(this.unsent))
      else this.storage.removeItem(KEY)
    } catch {
      // Storage is full or refused: it is sent unless the page is left before.
    }
  }
}

function kept(text: string | null): Partial<Settings> {
  try {
    const value = JSON.parse(text ?? '{}') as unknown
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}
