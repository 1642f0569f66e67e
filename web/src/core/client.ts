/** A signed-in person's chat: state, connection and outbox working together. No browser in here. */
import type { Message, Room, User } from '../api/types'
import { ApiError, type Api } from './api'
import { Connection } from './connection'
import { reactionTo } from './emojis/reactions'
import type { LiveEvent } from './events'
import type { Uploads } from './files/uploads'
import { Directory, type AskPeople } from './mentions'
import { Loader } from './loader'
import { HELD, roomLine, threadLine } from './model'
import { People } from './people'
import type { Sight } from './place'
import { Reading } from './reading'
import { Sending, type More } from './sending'
import { Store } from './store'
import { isFolded } from './threads'
import { Pages, type Line } from './pages'
import { keyOf } from './timeline'
import { Typist } from './typist'
import type { World } from './world'

export type { Line, World }

/** Someone counts as typing this long after they last were heard of. */
const TYPING_MS = 6_000

export class Client {
  readonly store: Store
  private readonly sending: Sending
  private readonly connection: Connection
  private readonly people: People
  private readonly pages: Pages
  private readonly typist: Typist
  private readonly reading: Reading
  private readonly loader: Loader

  constructor(
    private readonly world: World,
    private readonly me: User,
    private readonly onSignedOut: () => void,
  ) {
    this.store = new Store(world.schedule)
    this.sending = new Sending(world, this.store, me.id, (body) => this.connection.send(body))
    this.typist = new Typist(
      (room, stopped) => this.connection.typing(room, stopped),
      () => this.now().getTime(),
      world.clock,
    )
    this.reading = new Reading(
      world.api,
      this.store,
      me.id,
      (room, message) => this.connection.read(room, message),
      world.clock,
    )
    this.loader = new Loader(
      (key, code) => this.store.dispatch({ type: 'problem', key, code }),
      world.clock,
    )
    this.pages = new Pages(world.api, this.store, this.loader, (room, asked) => {
      this.learned(room, asked)
    })
    this.people = new People(
      (ids) => world.api.people(ids),
      (users) => this.store.dispatch({ type: 'users', users }),
    )
    this.store.dispatch({ type: 'signed_in', me, pending: this.sending.pending() })
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
    this.sending.close()
    this.reading.close()
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
      for (const room of rooms) this.reading.learned(room)
      this.online()
      void this.reading.begin()
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) this.onSignedOut()
      else this.world.clock.after(2_000, () => void this.begin())
    }
  }

  private online(): void {
    this.store.dispatch({ type: 'link', link: 'online' })
    this.sending.again()
    this.reading.again()
    this.loader.again()
  }

  private heard(event: LiveEvent): void {
    this.store.dispatch({ type: 'event', event })
    this.reading.heard(event)
    if (event.type === 'message.created' && event.message.author.id === this.me.id)
      this.sending.heard(event.message)
    // Who imports or removes history tells of the room only.
    if (event.type === 'history.changed') this.pages.refresh(event.room_id)
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
    const asked = this.store.state.position?.seq ?? 0
    const room = await this.world.api.room(id).catch(() => undefined)
    if (room) this.learned(room, asked)
  }

  private learned(room: Room, asked: number): void {
    this.store.dispatch({ type: 'room', room, asked })
    this.reading.learned(room)
  }

  /** A line comes onto the screen: what is held of it is there at once. */
  show(line: Line): void {
    this.store.dispatch({ type: 'shown', key: keyOf(line) })
  }

  /** Loads what the reader wants to see first, unless it is held. */
  load(line: Line, around?: number): void {
    this.pages.load(line, around)
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

  /** Loads a page of a line; a second request for the same end meanwhile is left out. */
  async page(line: Line, where: 'before' | 'after'): Promise<void> {
    await this.pages.page(line, where)
  }

  /** To the newest message, from wherever the window is. */
  toNewest(line: Line): void {
    this.pages.toNewest(line)
  }

  /** The message comes into the window, if it is not in it. */
  seek(line: Line, message: number): void {
    this.pages.seek(line, message)
  }

  /** The view is so many pixels high: a tall one needs more than the usual window. */
  sized(height_px: number): void {
    const messages = Math.max(HELD, Math.ceil(height_px / 24) * 3)
    this.store.dispatch({ type: 'held', messages })
  }

  awake(awake: boolean): void {
    this.store.dispatch({ type: 'awake', awake })
  }

  /** What of a line is in view: reading moves as one looks. */
  look(line: Line, sight: Sight): void {
    this.reading.look(line, sight)
  }

  /** This message and what follows are new again. */
  markUnread(message: Message): Promise<void> {
    return this.reading.markUnread(message)
  }

  follow(root: number, on: boolean): Promise<void> {
    return this.reading.follow(root, on)
  }

  /** What stands at the top of the view: there one goes on when the line is read anew. */
  anchored(line: Line, message: number | undefined): void {
    if (message !== undefined) this.pages.anchors.set(keyOf(line), message)
  }

  post(room: number, text: string, more: More = {}): void {
    const pending = this.sending.post(room, text, more)
    this.typist.posted()
    // From somewhere in the past one goes to where one's words stand.
    if (!isFolded(pending)) this.toNewest({ room })
    if (more.reply_to !== undefined) this.toNewest({ room, root: more.reply_to })
  }

  retry(client_id: string): void {
    this.sending.retry(client_id)
  }

  drop(client_id: string): void {
    this.sending.drop(client_id)
  }

  get uploads(): Uploads {
    return this.sending.uploads
  }

  /** What is held of a room or a thread, oldest first. */
  held(room: number, root?: number): readonly Message[] {
    const line = root === undefined ? roomLine(room) : threadLine(root)
    return this.store.state.timelines[line]?.messages ?? []
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
