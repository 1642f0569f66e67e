/** What one writes: shown at once, sent as soon as that is possible, with its files. */
import type { Message } from '../api/types'
import { inert } from './files/inert'
import { Uploads, type Job } from './files/uploads'
import type { Pending, PendingFile } from './model'
import { Outbox, type Send } from './outbox'
import type { Store } from './store'
import type { World } from './world'

/** How long a message refused in passing waits. */
const AGAIN_MS = 5_000

export class Sending {
  readonly uploads: Uploads
  private readonly outbox: Outbox
  private postedAt = 0
  private cancelAgain: (() => void) | undefined

  constructor(
    private readonly world: World,
    private readonly store: Store,
    me: number,
    send: (body: object) => ReturnType<Send>,
  ) {
    this.outbox = new Outbox(world.storage, me, (pending) => send(wire(pending)), {
      confirmed: (message) => {
        this.store.dispatch({ type: 'confirmed', message })
        this.sent(message)
      },
      failed: (client_id, error) =>
        this.store.dispatch({ type: 'failed', client_id, error: error.code }),
    })
    this.uploads = new Uploads(
      world.carrier ?? inert.carrier,
      world.keeper?.(me) ?? inert.keeper,
      world.clock,
      world.newId,
      {
        done: ({ key, file }) => {
          const pending = file && this.outbox.uploaded(key, file)
          if (pending) this.store.dispatch({ type: 'pending', pending })
          void this.flush()
        },
        failed: ({ place, error = 'internal' }) => {
          const client_id = /^sent\.(.+)$/.exec(place)?.[1]
          if (client_id !== undefined) this.failed(client_id, error)
        },
      },
    )
    void this.restoreUploads()
  }

  pending(): Pending[] {
    return this.outbox.pending()
  }

  /** The line is back. */
  again(): void {
    void this.flush()
    this.uploads.again()
  }

  close(): void {
    this.cancelAgain?.()
    this.uploads.close()
  }

  /** One's own message was heard of: it is out, whatever became of the answer. */
  heard(message: Message): void {
    if (message.client_id) this.outbox.drop(message.client_id)
    this.sent(message)
  }

  /** Shows the message at once and sends it as soon as that is possible. */
  post(room_id: number, text: string, more: More = {}): Pending {
    const {
      reply_to,
      also_in_room = false,
      mentions = [],
      client_id = this.world.newId(),
      jobs = [],
    } = more
    // Strictly later than the one before: the outbox keeps its order by time.
    this.postedAt = Math.max(this.postedAt + 1, this.world.now().getTime())
    const pending: Pending = {
      client_id,
      room_id,
      text: text.normalize('NFC'),
      sent_at: new Date(this.postedAt).toISOString(),
      ...(reply_to === undefined ? {} : { reply_to }),
      ...(also_in_room ? { also_in_room } : {}),
      ...(mentions.length === 0 ? {} : { mentions }),
      ...(jobs.length === 0 ? {} : { files: jobs.map(asPendingFile) }),
    }
    this.uploads.move(
      jobs.map(({ key }) => key),
      `sent.${client_id}`,
    )
    this.outbox.add(pending)
    this.store.dispatch({ type: 'queued', pending })
    void this.flush()
    return pending
  }

  retry(client_id: string): void {
    for (const { key } of this.uploads.of(`sent.${client_id}`)) this.uploads.resume(key)
    this.outbox.retry(client_id)
    this.store.dispatch({ type: 'retried', client_id })
    void this.flush()
  }

  drop(client_id: string): void {
    for (const { key } of this.uploads.of(`sent.${client_id}`)) this.uploads.cancel(key)
    this.outbox.drop(client_id)
    this.store.dispatch({ type: 'dropped', client_id })
  }

  /** Files of unsent messages go on; what nobody has any more is told to its author. */
  private async restoreUploads(): Promise<void> {
    await this.uploads.restore()
    for (const { client_id, files = [] } of this.outbox.pending()) {
      const lost = files.some(({ key, file }) => !file && !this.uploads.job(key))
      if (lost) this.failed(client_id, 'file_lost')
    }
  }

  private failed(client_id: string, error: string): void {
    this.outbox.fail(client_id, error)
    this.store.dispatch({ type: 'failed', client_id, error })
  }

  async flush(): Promise<void> {
    const done = await this.outbox.flush()
    if (done || this.store.state.link !== 'online') return
    this.cancelAgain?.()
    this.cancelAgain = this.world.clock.after(AGAIN_MS, () => void this.flush())
  }

  /** Its files are the message's now. */
  private sent({ client_id }: Message): void {
    if (client_id == null) return
    this.uploads.forget(this.uploads.of(`sent.${client_id}`).map(({ key }) => key))
  }
}

/** What a message has beside its text. */
export interface More {
  reply_to?: number | undefined
  also_in_room?: boolean
  /** Whom the author chose. */
  mentions?: number[]
  /** From a draft: the same in every tab. */
  client_id?: string | undefined
  /** Its files, whole or still on their way. */
  jobs?: readonly Job[]
}

function asPendingFile({ key, name, size, type, width, height, file }: Job): PendingFile {
  return { key, name, size, mime: type, width, height, file }
}

function wire(pending: Pending): object {
  const { room_id, text, client_id, reply_to, also_in_room, mentions, files } = pending
  return {
    room_id,
    text,
    client_id,
    ...(reply_to === undefined ? {} : { reply_to }),
    ...(also_in_room ? { also_in_room } : {}),
    ...(mentions === undefined ? {} : { mentions }),
    ...(files === undefined ? {} : { file_ids: files.flatMap(({ file }) => file?.id ?? []) }),
  }
}
