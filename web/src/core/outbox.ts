/**
 * Messages on their way: kept in storage until the server has them, sent one after the other in
 * the order they were written, and sent again blindly after every break. The `client_id` makes a
 * repeat harmless, so nothing has to be known about how far the last try came.
 */
import type { Attachment, Message } from '../api/types'
import type { Pending } from './model'

export interface Storage {
  readonly length: number
  key(index: number): string | null
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

export type Sent =
  { ok: true; message: Message } | { ok: false; error: { code: string; message: string } }

/** Delivers one message. Rejects when it is unknown whether the server has it. */
export type Send = (pending: Pending) => Promise<Sent>

export interface Outcome {
  confirmed(message: Message): void
  failed(client_id: string, error: { code: string; message: string }): void
}

/** Refusals that pass by themselves: the message stays queued and is tried at the next flush. */
const passing = new Set(['read_only', 'unavailable', 'timeout'])

export class Outbox {
  private queue: Pending[]
  private running: Promise<boolean> | null = null

  constructor(
    private readonly storage: Storage,
    private readonly user: number,
    private readonly send: Send,
    private readonly outcome: Outcome,
  ) {
    this.queue = this.stored()
  }

  /** Everything not confirmed, in the order it was written. */
  pending(): Pending[] {
    return [...this.queue]
  }

  add(pending: Pending): void {
    this.queue.push(pending)
    this.store(pending)
  }

  retry(client_id: string): void {
    this.queue = this.queue.map((p) => {
      if (p.client_id !== client_id) return p
      const { error: _, ...fresh } = p
      this.store(fresh)
      return fresh
    })
  }

  /** A file of a message is whole; tells which message that was. */
  uploaded(key: string, file: Attachment): Pending | undefined {
    return this.change(
      ({ files }) => files?.some((one) => one.key === key) === true,
      ({ files = [], ...p }) => ({
        ...p,
        files: files.map((one) => (one.key === key ? { ...one, file } : one)),
      }),
    )
  }

  /** A message cannot be sent as it is: its author decides. */
  fail(client_id: string, error: string): void {
    this.change(
      (p) => p.client_id === client_id,
      (p) => ({ ...p, error }),
    )
  }

  private change(
    is: (pending: Pending) => boolean,
    to: (pending: Pending) => Pending,
  ): Pending | undefined {
    const old = this.queue.find(is)
    if (!old) return undefined
    const next = to(old)
    this.queue = this.queue.map((p) => (p === old ? next : p))
    this.store(next)
    return next
  }

  /** Forgets a message: confirmed, heard of in an event, or given up by its author. */
  drop(client_id: string): void {
    this.queue = this.queue.filter((p) => p.client_id !== client_id)
    this.storage.removeItem(this.key(client_id))
  }

  /** Sends what waits. Resolves to false when the connection broke or a passing refusal came. */
  flush(): Promise<boolean> {
    // What is added meanwhile is found by the run that is under way.
    if (this.running) return this.running
    if (!this.next()) return Promise.resolve(true)
    return (this.running = this.run())
  }

  private async run(): Promise<boolean> {
    let done = true
    for (let next = this.next(); next && done; next = this.next()) {
      done = await this.deliver(next)
    }
    // Together with the last look, so that nothing is added in between.
    this.running = null
    return done
  }

  private next(): Pending | undefined {
    return this.queue.find((p) => p.error === undefined && isWhole(p))
  }

  private async deliver(pending: Pending): Promise<boolean> {
    let sent: Sent
    try {
      sent = await this.send(pending)
    } catch {
      return false
    }
    if (sent.ok) {
      this.drop(pending.client_id)
      this.outcome.confirmed(sent.message)
      return true
    }
    if (passing.has(sent.error.code)) return false
    const failed = { ...pending, error: sent.error.code }
    this.queue = this.queue.map((p) => (p.client_id === pending.client_id ? failed : p))
    if (this.queue.includes(failed)) this.store(failed)
    this.outcome.failed(pending.client_id, sent.error)
    return true
  }

  private prefix(): string {
    return `maru.outbox.${this.user}.`
  }

  private key(client_id: string): string {
    return this.prefix() + client_id
  }

  /** One key a message, so that two tabs never overwrite each other's. */
  private store(pending: Pending): void {
    try {
      this.storage.setItem(this.key(pending.client_id), JSON.stringify(pending))
    } catch {
      // Storage is full or forbidden: the message lives on in memory only.
    }
  }

  private stored(): Pending[] {
    const found: Pending[] = []
    for (let i = 0; i < this.storage.length; i++) {
      const key = this.storage.key(i)
      if (!key?.startsWith(this.prefix())) continue
      const pending = parsePending(this.storage.getItem(key))
      if (pending) found.push(pending)
    }
    return found.sort((a, b) => a.sent_at.localeCompare(b.sent_at))
  }
}

/** Nothing of it is still being uploaded. */
function isWhole({ files }: Pending): boolean {
  return files === undefined || files.every(({ file }) => file !== undefined)
}

function parsePending(text: string | null): Pending | undefined {
  try {
    const value = JSON.parse(text ?? '') as Partial<Pending> | null
    const whole =
      typeof value?.client_id === 'string' &&
      typeof value.room_id === 'number' &&
      typeof value.text === 'string' &&
      typeof value.sent_at === 'string'
    return whole ? (value as Pending) : undefined
  } catch {
    return undefined
  }
}
