/** A signed-in person's chat: state, connection and outbox working together. No browser in here. */
import type { Message, Room, User } from '../api/types'
import { ApiError, type Api } from './api'
import { Connection } from './connection'
import { reactionTo } from './emojis/reactions'
import type { LiveEvent } from './events'
import { Directory, type AskPeople } from './mentions'
import { Loader, type Load } from './loader'
import { HELD, lastId, roomLine, threadLine, type Pending } from './model'
import { Outbox } from './outbox'
import { People } from './people'
import { readUpTo, type Sight } from './place'
import { Reader } from './reader'
import { Store } from './store'
import { keyOf, type Where } from './timeline'
import { Typist } from './typist'
import type { World } from './world'

export type { World }

export const PAGE = 50
/** Someone counts as typing this long after they last were heard of. */
const TYPING_MS = 6_000
/** How long a message refused in passing waits. */
const AGAIN_MS = 5_000

/** A line of messages: a room's own, or the thread that `root` began. */
export interface Line {
  room: number
  root?: number | undefined
}

export class Client {
  readonly store: Store
  private readonly outbox: Outbox
  private readonly connection: Connection
  private readonly people: People
  private readonly paging = new Set<string>()
  private readonly typist: Typist
  private readonly reader: Reader
  private readonly loader: Loader
  private postedAt = 0
  private cancelAgain: (() => void) | undefined

  constructor(
    private readonly world: World,
    private readonly me: User,
    private readonly onSignedOut: () => void,
  ) {
    this.store = new Store(world.schedule)
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
    this.reader = new Reader((room, message) => this.connection.read(room, message), world.clock)
    this.loader = new Loader(
      (key, code) => this.store.dispatch({ type: 'problem', key, code }),
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
          void this.begin()
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
    this.reader.close()
    this.loader.close()
    this.connection.close()
  }

  /** Loads rooms after a connection without a past; tries again until it works. */
  private async begin(): Promise<void> {
    const { api } = this.world
    const { position } = this.store.state
    try {
      const [rooms, server] = await Promise.all([api.rooms(), api.server()])
      // Another beginning has overtaken this one.
      if (this.store.state.position?.epoch !== position?.epoch) return
      this.people.forget()
      this.store.dispatch({ type: 'limits', limits: server.limits })
      this.store.dispatch({ type: 'rooms', rooms, asked: position?.seq ?? 0 })
      for (const room of rooms) this.learnedRead(room)
      this.online()
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) this.onSignedOut()
      else this.world.clock.after(2_000, () => void this.begin())
    }
  }

  private online(): void {
    this.store.dispatch({ type: 'link', link: 'online' })
    void this.flush()
    void this.reader.flush()
    this.loader.again()
  }

  private learnedRead({ id, me }: Room): void {
    if (me) this.reader.learned(id, me.last_read_id)
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
      if (author.id === this.me.id) {
        // One's own word is read: the server moves that by itself.
        this.reader.learned(event.room_id, event.message.id)
        if (client_id) this.outbox.drop(client_id)
      }
    }
    if (event.type === 'read.moved' && event.user_id === this.me.id)
      this.reader.learned(event.room_id, event.message_id)
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

  /** The people of a room, to be chosen from; with `others` also those who could be asked in. */
  directory(room: number, others = false): Directory {
    const { api } = this.world
    const members: AskPeople = async (q, limit, signal) =>
      (await api.members(room, { q, limit }, signal)).map(({ user }) => user)
    const anybody: AskPeople = (q, limit, signal) => api.findPeople(q, limit, signal)
    return new Directory(members, this.me.id, others ? anybody : undefined)
  }

  /** Asks for a room again: for the caller's own side of it, which events do not carry. */
  async refresh(id: number): Promise<void> {
    const asked = this.heardUpTo()
    const room = await this.world.api.room(id).catch(() => undefined)
    if (room) this.learned(room, asked)
  }

  private learned(room: Room, asked: number): void {
    this.store.dispatch({ type: 'room', room, asked })
    this.learnedRead(room)
  }

  private heardUpTo(): number {
    return this.store.state.position?.seq ?? 0
  }

  /** A line comes onto the screen: what is held of it is there at once. */
  show(line: Line): void {
    this.store.dispatch({ type: 'shown', key: keyOf(line) })
  }

  /** Loads what the reader wants to see first, unless it is held. */
  load(line: Line, around?: number): void {
    if (this.holdsStart(line, around)) return
    const load: Load = (wanted) => this.open(line, around, wanted)
    this.loader.want(keyOf(line), `around ${around ?? 'start'}`, load)
  }

  hide(line: Line): void {
    const key = keyOf(line)
    this.loader.forget(key)
    this.store.dispatch({ type: 'hidden', key })
  }

  /** Tries again at once what could not be loaded. */
  again(): void {
    this.loader.again()
  }

  /** What the reader wants to see first is in the window already. */
  private holdsStart({ room, root }: Line, around: number | undefined): boolean {
    const { timelines, rooms } = this.store.state
    const held = timelines[keyOf({ room, root })]
    if (!held) return false
    if (around !== undefined) return held.messages.some((m) => m.id === around)
    const me = rooms[room]?.me
    if (root !== undefined || !me || me.unread === 0 || held.place.anchor) return true
    return !held.moreBefore || (held.messages[0]?.id ?? Infinity) <= me.last_read_id
  }

  /** Loads a room where reading stopped, or at the newest message; a thread from its end. */
  private async open(line: Line, around: number | undefined, wanted: () => boolean) {
    const { room, root } = line
    if (!this.store.state.rooms[room]) {
      const asked = this.heardUpTo()
      this.learned(await this.world.api.room(room), asked)
    }
    const me = root === undefined ? this.store.state.rooms[room]?.me : undefined
    const far = me && me.unread > PAGE - 10 && me.last_read_id > 0
    const at = around ?? (far ? me.last_read_id : undefined)
    await this.page(line, at === undefined ? 'latest' : 'around', at, wanted)
  }

  /** Loads a page of a line; a second request for the same end meanwhile is left out. */
  async page(
    { room, root }: Line,
    where: Where,
    around?: number,
    wanted: () => boolean = () => true,
  ): Promise<void> {
    const line = keyOf({ room, root })
    const key = `${line} ${where} ${around ?? ''}`
    const joins = where === 'before' || where === 'after'
    if (joins && this.paging.has(key)) return
    this.paging.add(key)
    try {
      const messages = this.store.state.timelines[line]?.messages ?? []
      const from = where === 'before' ? messages[0]?.id : messages.at(-1)?.id
      const at = where === 'around' ? around : from
      const asked = this.heardUpTo()
      const query = {
        limit: PAGE,
        ...(where === 'latest' || at === undefined ? {} : { [where]: at }),
      }
      const { api } = this.world
      const page = await (root === undefined ? api.messages(room, query) : api.thread(root))
      if (!wanted()) return
      const end = from === undefined ? {} : { from }
      this.store.dispatch({ type: 'page', room, root, page, where, asked, ...end })
    } finally {
      this.paging.delete(key)
    }
  }

  /** To the newest message, from wherever the window is. */
  toNewest(line: Line): void {
    const key = keyOf(line)
    if (!this.store.state.timelines[key]?.moreAfter) return
    this.loader.want(key, 'latest', (wanted) => this.page(line, 'latest', undefined, wanted))
  }

  /** The message comes into the window, if it is not in it. */
  seek(line: Line, message: number): void {
    // What is not there yet is being loaded around it.
    if (this.store.state.timelines[keyOf(line)]) this.load(line, message)
  }

  /** The view is so many pixels high: a tall one needs more than the usual window. */
  sized(height_px: number): void {
    const messages = Math.max(HELD, Math.ceil(height_px / 24) * 3)
    this.store.dispatch({ type: 'held', messages })
  }

  awake(awake: boolean): void {
    this.store.dispatch({ type: 'awake', awake })
  }

  /** What of a room is in view: reading moves as one looks. */
  look(room: number, sight: Sight): void {
    const { rooms, timelines } = this.store.state
    const place = timelines[roomLine(room)]?.place
    const known = rooms[room]
    if (!place || !known?.me) return
    const read = readUpTo(place, sight, this.reader.toldUpTo(room), lastId(known))
    if (read === undefined) return
    this.reader.want(room, read)
    this.store.dispatch({ type: 'read', room, message: read })
  }

  /** Shows the message at once and sends it as soon as that is possible. */
  post(
    room_id: number,
    text: string,
    reply_to?: number,
    mentions: number[] = [],
    client_id = this.world.newId(),
  ): void {
    // Strictly later than the one before: the outbox keeps its order by time.
    this.postedAt = Math.max(this.postedAt + 1, this.world.now().getTime())
    const pending: Pending = {
      client_id,
      room_id,
      text: text.normalize('NFC'),
      sent_at: new Date(this.postedAt).toISOString(),
      ...(reply_to === undefined ? {} : { reply_to }),
      ...(mentions.length === 0 ? {} : { mentions }),
    }
    this.outbox.add(pending)
    this.typist.posted()
    this.store.dispatch({ type: 'queued', pending })
    // From somewhere in the past one goes to where one's words stand.
    this.toNewest({ room: room_id })
    if (reply_to !== undefined) this.toNewest({ room: room_id, root: reply_to })
    void this.flush()
  }

  /** What is held of a room or a thread, oldest first. */
  held(room: number, root?: number): readonly Message[] {
    const line = root === undefined ? roomLine(room) : threadLine(root)
    return this.store.state.timelines[line]?.messages ?? []
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

  /** Something is written in the room's field, or nothing any more. */
  typing(room: number, empty = false): void {
    if (empty) this.typist.stopped()
    else this.typist.typed(room)
  }

  async edit(message: Message, text: string, mentions: number[] = []): Promise<void> {
    await this.world.api.edit(message.id, text.normalize('NFC'), mentions)
  }

  async toggleReaction(message: Message, emoji: string): Promise<void> {
    const { mine, spelling } = reactionTo(message.reactions, emoji, this.me.id)
    await (mine
      ? this.world.api.unreact(message.id, spelling)
      : this.world.api.react(message.id, spelling))
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
