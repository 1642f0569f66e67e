import type { Socket } from './connection'
import { me } from './fixtures'

/** A socket whose other end is the test. */
export class Wire implements Socket {
  connected = false
  auths: object[] = []
  emitted: [string, ...unknown[]][] = []
  acks: {
    event: string
    ms: number
    body: { client_id: string }
    resolve: (v: unknown) => void
    reject: (e: Error) => void
  }[] = []
  private listeners = new Map<string, ((...args: unknown[]) => void)[]>()
  constructor(private auth: (give: (auth: object) => void) => void) {}
  on(event: string, listener: (...args: never[]) => void) {
    const all = this.listeners.get(event) ?? []
    this.listeners.set(event, [...all, listener as (...args: unknown[]) => void])
  }
  tell(event: string, ...args: unknown[]) {
    for (const listener of this.listeners.get(event) ?? []) listener(...args)
  }
  emit(event: string, ...args: unknown[]) {
    this.emitted.push([event, ...args])
  }
  timeout(ms: number) {
    return {
      emitWithAck: (event: string, body: unknown) =>
        new Promise<unknown>((resolve, reject) => {
          this.acks.push({ event, ms, body: body as { client_id: string }, resolve, reject })
        }),
    }
  }
  connect() {
    this.connected = true
    this.auth((auth) => this.auths.push(auth))
  }
  disconnect() {
    if (!this.connected) return
    this.connected = false
    this.tell('disconnect', 'io client disconnect')
  }
  ready(seq: number, epoch = 1) {
    this.tell('ready', { user: me, seq, epoch })
  }
  /** The line breaks: what was on its way is unknown. */
  break(reason = 'transport close') {
    this.connected = false
    for (const ack of this.acks.splice(0)) ack.reject(new Error('gone'))
    this.tell('disconnect', reason)
  }
}
