/** A signed-in person's chat: state, connection and outbox working together. No browser in here. */
import type { Message, User } from '../api/types'
import { ApiError, type Api } from './api'
import { Connection, type Clock, type Socket } from './connection'
import type { LiveEvent } from './events'
import { Directory, type AskMembers } from './mentions'
import { lastId, type Pending } from './model'
import { Outbox, type Storage } from './outbox'
import { People } from './people'
import { Store } from './store'
import type { Place } from './timeline'
import { Typist } from './typist'

export const PAGE = 50
/** Someone counts as typing this long after they last were heard of. */
const TYPING_MS = 6_000
/** How long a message refused in passing waits. */
const AGAIN_MS = 5_000

export interface World {
  api: Api
  storage: Storage
  open: (auth: (give: (auth: object) => void) => void) => Socket
  clock: Clock
  now: () => Date
  newId: () => string
}

export class Client {
  readonly store = new Store()
  private readonly outbox: Outbox
  private readonly connection: Connection
  private readonly people: People
  private readonly paging = new Set<string>()
  private readonly typist: Typist
  private postedAt = 0
  private cancelAgain: (() => void) | undefined

  constructor(
    private readonly world: World,
    private readonly me: User,
    private readonly onSignedOut: () => void,
  ) {
    this.outbox = new Outbox(
      world.storage,
      me.id,
      (pending) => this.connection.send(wire(pending)),
      {
        confirmed: (message) => this.store.dispatch({ type: 'confirmed', message }),
        failed: (client_id, error) =>
          this.store.dispatch({ type: 'failed', client_id, error: error.code }),
      },
    )
    this.typist = new Typist(
      (room, stopped) => this.connection.typing(room, stopped),
      () => this.now().getTime(),
      world.clock,
    )
    this.people = new People(
      (ids) => world.api.people(ids),
      (users) => this.store.dispatch({ type: 'users', users }),
    )
    this.store.dispatch({ type: 'signed_in', me, pending: this.outbox.pending() })
    this.connection = new Connection(
      world.open,
      {
        position: () => (this.store.state.loaded ? this.store.state.position : null),
        began: (position) => {
          this.store.dispatch({ type: 'began', position })
          void this.load()
        },
        resumed: () => this.online(),
        broken: () => this.store.dispatch({ type: 'link', link: 'offline' }),
        event: (event) => this.heard(event),
        typing: (room, user, stopped) => this.typingHeard(room, user, stopped),
        revoked: () => this.onSignedOut(),
      },
      world.clock,
    )
  }

  get api(): Api {
    return this.world.api
  }

  now(): Date {
    return this.world.now()
  }

  nudge(): void {
    this.connection.nudge()
  }

  close(): void {
    this.cancelAgain?.()
    this.connection.close()
  }

  /** Loads rooms after a connection without a past; tries again until it works. */
  private async load(): Promise<void> {
    const { api } = this.world
    const { position } = this.store.state
    try {
      const [rooms, server] = await Promise.all([api.rooms(), api.server()])
      // Another beginning has overtaken this one.
      if (this.store.state.position?.epoch !== position?.epoch) return
      this.people.forget()
      this.store.dispatch({ type: 'limits', limits: server.limits })
      this.store.dispatch({ type: 'rooms', rooms, asked: position?.seq ?? 0 })
      this.online()
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) this.onSignedOut()
      else this.world.clock.after(2_000, () => void this.load())
    }
  }

  private online(): void {
    this.store.dispatch({ type: 'link', link: 'online' })
    void this.flush()
  }

  private async flush(): Promise<void> {
    const done = await this.outbox.flush()
    if (done || this.store.state.link !== 'online') return
    this.cancelAgain?.()
    this.cancelAgain = this.world.clock.after(AGAIN_MS, () => void this.flush())
  }

  private heard(event: LiveEvent): void {
    this.store.dispatch({ type: 'event', event })
    if (event.type === 'message.created') {
      const { author, client_id } = event.message
      if (author.id === this.me.id && client_id) this.outbox.drop(client_id)
    }
    const meIn =
      (event.type === 'member.joined' && event.user_id === this.me.id) ||
      (event.type === 'room.created' && event.user_ids.includes(this.me.id))
    if (meIn) void this.refresh(event.room_id)
    // What is unread may have become less, or name the reader now: the server counts.
    if (event.type === 'message.deleted' || event.type === 'message.updated') {
      const mine = this.store.state.rooms[event.room_id]?.me
      if (mine && mine.unread > 0 && event.message.id > mine.last_read_id)
        void this.refresh(event.room_id)
    }
  }

  private typingHeard(room: number, user: number, stopped: boolean): void {
    if (user === this.me.id) return
    const until = stopped ? 0 : this.world.now().getTime() + TYPING_MS
    this.store.dispatch({ type: 'typing', room, user, until })
  }

  /** These people are about to be named: asks for those who are not known. */
  name(ids: readonly number[]): void {
    const { users } = this.store.state
    this.people.want(ids.filter((id) => !users[id]))
  }

  /** The people of a room, to be chosen from. */
  directory(room: number): Directory {
    const ask: AskMembers = async (q, limit, signal) => {
      const members = await this.world.api.members(room, { q, limit }, signal)
      return members.map(({ user }) => user)
    }
    return new Directory(ask, this.me.id)
  }

  /** Asks for a room again: for the caller's own side of it, which events do not carry. */
  async refresh(id: number): Promise<void> {
    const asked = this.heardUpTo()
    const room = await this.world.api.room(id).catch(() => undefined)
    if (room) this.store.dispatch({ type: 'room', room, asked })
  }

  private heardUpTo(): number {
    return this.store.state.position?.seq ?? 0
  }

  /** Opens a room where reading stopped, or at the newest message. */
  async openRoom(id: number): Promise<void> {
    const me = this.store.state.rooms[id]?.me
    const far = me && me.unread > PAGE - 10 && me.last_read_id > 0
    await (far ? this.page(id, 'around', me.last_read_id) : this.page(id, 'latest'))
  }

  /** Loads a page of a room; a second request for the same end meanwhile is left out. */
  async page(room: number, place: Place, around?: number): Promise<void> {
    const key = `${room} ${place}`
    if (this.paging.has(key)) return
    this.paging.add(key)
    try {
      const messages = this.store.state.timelines[room]?.messages ?? []
      const from = place === 'before' ? messages[0]?.id : messages.at(-1)?.id
      const at = place === 'around' ? around : from
      const asked = this.heardUpTo()
      const page = await this.world.api.messages(room, {
        limit: PAGE,
        ...(place === 'latest' || at === undefined ? {} : { [place]: at }),
      })
      this.store.dispatch({ type: 'page', room, page, place, asked, ...(from ? { from } : {}) })
    } finally {
      this.paging.delete(key)
    }
  }

  /** Shows the message at once and sends it as soon as that is possible. */
  post(room_id: number, text: string, reply_to?: number, mentions: number[] = []): void {
    // Strictly later than the one before: the outbox keeps its order by time.
    this.postedAt = Math.max(this.postedAt + 1, this.world.now().getTime())
    const pending: Pending = {
      client_id: this.world.newId(),
      room_id,
      text: text.normalize('NFC'),
      sent_at: new Date(this.postedAt).toISOString(),
      ...(reply_to === undefined ? {} : { reply_to }),
      ...(mentions.length === 0 ? {} : { mentions }),
    }
    this.outbox.add(pending)
    this.typist.posted()
    this.store.dispatch({ type: 'queued', pending })
    void this.flush()
  }

  retry(client_id: string): void {
    this.outbox.retry(client_id)
    this.store.dispatch({ type: 'retried', client_id })
    void this.flush()
  }

  drop(client_id: string): void {
    this.outbox.drop(client_id)
    this.store.dispatch({ type: 'dropped', client_id })
  }

  /** The reader has seen everything in the window. */
  readAll(room: number): void {
    const { rooms, timelines } = this.store.state
    const last = timelines[room]?.messages.at(-1)
    const me = rooms[room]?.me
    const top = rooms[room] ? Math.max(last?.id ?? 0, lastId(rooms[room])) : 0
    if (!last || !me || (me.last_read_id >= top && me.unread === 0)) return
    this.connection.read(room, top)
  }

  /** Something is written in the room's field, or nothing any more. */
  typing(room: number, empty = false): void {
    if (empty) this.typist.stopped()
    else this.typist.typed(room)
  }

  async edit(message: Message, text: string, mentions: number[] = []): Promise<void> {
    await this.world.api.edit(message.id, text.normalize('NFC'), mentions)
  }

  async toggleReaction(message: Message, emoji: string): Promise<void> {
    const mine = message.reactions.find((r) => r.emoji === emoji)?.user_ids.includes(this.me.id)
    await (mine
      ? this.world.api.unreact(message.id, emoji)
      : this.world.api.react(message.id, emoji))
  }
}

function wire({ room_id, text, client_id, reply_to, mentions }: Pending): object {
  return {
    room_id,
    text,
    client_id,
    ...(reply_to === undefined ? {} : { reply_to }),
    ...(mentions === undefined ? {} : { mentions }),
  }
}
