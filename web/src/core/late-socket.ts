/**
 * A live connection whose client library comes later: the first messages are read before it does.
 * What is asked of it until then is done as soon as it is there.
 */
import type { Clock, Socket } from './connection'

type Listener = (...args: never[]) => void

/** The library may not come without a network; it is asked for again. */
const AGAIN_MS = 3_000

export class LateSocket implements Socket {
  private socket: Socket | null = null
  private wanted = false
  private loading = false
  private readonly listeners: [string, Listener][] = []

  constructor(
    private readonly load: () => Promise<Socket>,
    private readonly clock: Clock,
  ) {}

  get connected(): boolean {
    return this.socket?.connected ?? false
  }

  on(event: string, listener: Listener): void {
    this.listeners.push([event, listener])
    this.socket?.on(event, listener)
  }

  /** What is said before somebody listens is not heard. */
  emit(event: string, ...args: unknown[]): void {
    this.socket?.emit(event, ...args)
  }

  timeout(ms: number): { emitWithAck(event: string, ...args: unknown[]): Promise<unknown> } {
    return (
      this.socket?.timeout(ms) ?? { emitWithAck: () => Promise.reject(new Error('not connected')) }
    )
  }

  connect(): void {
    this.wanted = true
    if (this.socket) this.socket.connect()
    else void this.fetch()
  }

  disconnect(): void {
    this.wanted = false
    this.socket?.disconnect()
  }

  private async fetch(): Promise<void> {
    if (this.loading) return
    this.loading = true
    try {
      const socket = await this.load()
      this.socket = socket
      for (const [event, listener] of this.listeners) socket.on(event, listener)
      if (this.wanted) socket.connect()
    } catch (error) {
      this.clock.after(AGAIN_MS, () => {
        if (this.wanted && !this.socket) void this.fetch()
      })
      // As the library itself says it when nobody answers.
      for (const [event, listener] of this.listeners) {
        if (event === 'connect_error') (listener as (error: unknown) => void)(error)
      }
    } finally {
      this.loading = false
    }
  }
}
