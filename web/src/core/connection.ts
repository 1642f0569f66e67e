/**
 * The live connection: Socket.IO, resumed where it broke. It hands on events in order and says
 * when the past is lost and everything has to be loaded anew. It does not touch the state.
 */
import type { User } from '../api/types'
import { lastingEvents, type LiveEvent } from './events'
import type { Position } from './model'
import type { Seen } from './others'
import type { Sent } from './outbox'

/** The part of a Socket.IO client that is used. */
export interface Socket {
  on(event: string, listener: (...args: never[]) => void): unknown
  emit(event: string, ...args: unknown[]): unknown
  timeout(ms: number): { emitWithAck(event: string, ...args: unknown[]): Promise<unknown> }
  connect(): unknown
  disconnect(): unknown
  connected: boolean
}

export interface Handlers {
  /** Where to go on from; asked at every connect. */
  position(): Position | null
  /** `began` without a past: nothing heard before counts any more. */
  began(position: Position): void
  /** The connection stands again and the events in between follow. */
  resumed(): void
  broken(): void
  event(event: LiveEvent): void
  typing(room: number, user: number, stopped: boolean): void
  presence(change: { online: number[]; away?: number[]; offline: number[] }): void
  seen(room: number, reads: Seen[]): void
  /** The session is over; nothing will be answered any more. */
  revoked(): void
}

export interface Clock {
  /** Calls back after the delay; the answer cancels it. */
  after(ms: number, then: () => void): () => void
  random(): number
}

interface Ready {
  user: User
  seq: number
  epoch: number
}

const signedOut = new Set(['unauthenticated', 'unauthorized', 'session_revoked'])
const ACK_MS = 15_000
/** A connection that does not answer a question for this long is dead. */
const PROBE_MS = 3_000
/** Waking up tells of itself several times at once; one try is enough. */
const NUDGE_MS = 1_000
const DELAY_MS = 500
const DELAY_MAX_MS = 15_000

export class Connection {
  private readonly socket: Socket
  private sentPosition: Position | null = null
  private ended = false
  private resyncing = false
  private isReady = false
  private tries = 0
  private cancelRetry: (() => void) | undefined
  private probing = false
  private nudged = false

  /** `open` gets the function that answers with the handshake's `auth`. */
  constructor(
    open: (auth: (give: (auth: object) => void) => void) => Socket,
    private readonly handlers: Handlers,
    private readonly clock: Clock,
  ) {
    this.socket = open((give) => {
      this.sentPosition = this.handlers.position()
      if (this.resyncing) this.sentPosition = null
      const { sentPosition: p } = this
      give(p ? { epoch: p.epoch, since: p.seq } : {})
    })
    this.listen()
    this.socket.connect()
  }

  /**
   * The network or the reader is back. A connection that stands is asked whether it lives: after a
   * sleep it may be dead and not know it. One that does not stand is tried at once.
   */
  nudge(): void {
    if (this.ended) return
    if (this.socket.connected) void this.probe()
    else if (!this.nudged) this.again()
  }

  private async probe(): Promise<void> {
    if (this.probing) return
    this.probing = true
    try {
      // Whatever is answered, somebody is there.
      await this.socket.timeout(PROBE_MS).emitWithAck('ping')
    } catch {
      if (!this.ended && this.socket.connected) this.again()
    } finally {
      this.probing = false
    }
  }

  /** A new connection now. `disconnect` also ends the client library's own waiting. */
  private again(): void {
    this.cancelRetry?.()
    this.tries = 0
    this.nudged = true
    this.clock.after(NUDGE_MS, () => (this.nudged = false))
    this.socket.disconnect()
    this.socket.connect()
  }

  close(): void {
    this.ended = true
    this.cancelRetry?.()
    this.socket.disconnect()
  }

  /** Sends a message and waits until it is durable. Rejects when that stays unknown. */
  async send(body: object): Promise<Sent> {
    if (!this.socket.connected) throw new Error('not connected')
    // The disk may take its time, but who is there answers a question meanwhile.
    const answered = this.clock.after(PROBE_MS, () => this.nudge())
    try {
      return (await this.socket.timeout(ACK_MS).emitWithAck('message.send', body)) as Sent
    } finally {
      answered()
    }
  }

  /** Marks read. Resolves to whether the server took it. */
  async read(room_id: number, message_id: number): Promise<boolean> {
    if (!this.socket.connected) return false
    const body = { room_id, message_id }
    const said = (await this.socket.timeout(ACK_MS).emitWithAck('read', body)) as { ok?: boolean }
    return said.ok === true
  }

  /** Who is connected right now; `null` where nobody answers. */
  async online(): Promise<{ online: number[]; away?: number[] } | null> {
    if (!this.socket.connected) return null
    const said = this.socket.timeout(ACK_MS).emitWithAck('presence') as Promise<{
      ok?: boolean
      online: number[]
      away?: number[]
    }>
    const answer = await said.catch(() => null)
    return answer?.ok === true ? answer : null
  }

  /** Whether somebody sits before this screen. */
  away(away: boolean): void {
    if (this.socket.connected) this.socket.emit('away', { away })
  }

  typing(room_id: number, stopped: boolean): void {
    if (!this.socket.connected) return
    this.socket.emit('typing', { room_id, ...(stopped ? { stopped } : {}) })
  }

  private listen(): void {
    const { socket, handlers } = this
    socket.on('ready', (ready: Ready) => this.ready(ready))
    socket.on('resync', () => this.resync())
    for (const type of lastingEvents) {
      socket.on(type, (body: object) => handlers.event({ ...body, type } as LiveEvent))
    }
    socket.on('typing', (body: { room_id: number; user_id: number; stopped?: boolean }) =>
      handlers.typing(body.room_id, body.user_id, body.stopped === true),
    )
    socket.on('presence', (body: { online: number[]; away?: number[]; offline: number[] }) =>
      handlers.presence(body),
    )
    socket.on('seen', (body: { room_id: number; reads: Seen[] }) =>
      handlers.seen(body.room_id, body.reads),
    )
    socket.on('session.revoked', () => this.revoked())
    socket.on('disconnect', (reason: string) => {
      this.isReady = false
      handlers.broken()
      // The client library goes on by itself, except when the server closed the socket.
      if (reason === 'io server disconnect') this.retry()
    })
    socket.on('connect_error', (error: Error & { data?: { code?: string } }) => {
      handlers.broken()
      const code = error.data?.code
      if (code === undefined) return
      if (signedOut.has(code)) this.revoked()
      else this.retry()
    })
  }

  /** The past is lost: before `ready` that is noted, later it means coming in again without one. */
  private resync(): void {
    this.resyncing = true
    if (!this.isReady) return
    this.socket.disconnect()
    this.socket.connect()
  }

  private ready(ready: Ready): void {
    this.tries = 0
    this.isReady = true
    const { sentPosition: sent } = this
    const goesOn = sent?.epoch === ready.epoch && !this.resyncing
    this.resyncing = false
    if (goesOn) this.handlers.resumed()
    else this.handlers.began({ epoch: ready.epoch, seq: ready.seq })
  }

  private retry(): void {
    if (this.ended) return
    this.cancelRetry?.()
    const delay_ms = Math.min(DELAY_MAX_MS, DELAY_MS * 2 ** this.tries)
    this.tries += 1
    this.cancelRetry = this.clock.after(delay_ms * (0.5 + this.clock.random()), () =>
      this.socket.connect(),
    )
  }

  private revoked(): void {
    if (this.ended) return
    this.close()
    this.handlers.revoked()
  }
}
