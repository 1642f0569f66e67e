/** A signed-in person's chat: state, connection and outbox working together. No browser in here. */
import type { Message, Room, User } from '../api/types'
import { ApiError, type Api } from './api'
import { Connection, type Clock } from './connection'
import { reactionTo } from './emojis/reactions'
import type { LiveEvent } from './events'
import type { Uploads } from './files/uploads'
import { Loader } from './loader'
import { HELD, roomLine, threadLine } from './model'
import { begin, type Start } from './start'
import { People } from './people'
import type { Sight } from './place'
import { Reading } from './reading'
import { Removing } from './removing'
import { Saved } from './saved'
import { Sending, type More } from './sending'
import { Store } from './store'
import { isFolded } from './threads'
import { PAGE, Pages, type Line } from './pages'
import { keyOf } from './timeline'
import { Typist } from './typist'
import type { World } from './world'

export type { Line, World }

/** Rooms of so many people show who has read what. */
export const SMALL = 64
const PRESENCE_MS = 400
/** The least height of a message. */
const ROW_PX = 24
/** Who looks elsewhere for so long is away. */
const AWAY_MS = 180_000
/** Someone counts as typing this long after they last were heard of. */
const TYPING_MS = 6_000

export class Client {
  readonly store: Store
  /** What one keeps for later. */
  readonly saved: Saved
  private readonly sending: Sending
  private readonly connection: Connection
  private readonly people: People
  private readonly pages: Pages
  private readonly typist: Typist
  private readonly reading: Reading
  private readonly loader: Loader
  private readonly removing: Removing
  private removeFailed: (error: unknown) => void = () => undefined
  private isAway = false
  /** What rooms do not tell of themselves is not asked for yet. */
  private fresh = true
  private cancelAway: (() => void) | undefined
  private cancelPresence: (() => void) | undefined

  constructor(
    private readonly world: World,
    private readonly me: User,
    private readonly onSignedOut: () => void,
    start?: Start,
  ) {
    this.store = new Store(world.schedule)
    this.saved = new Saved(world.api)
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
      (room) => void this.refresh(room),
    )
    this.loader = new Loader(
      (key, code) => this.store.dispatch({ type: 'problem', key, code }),
      world.clock,
    )
    this.removing = new Removing(
      (id) => world.api.remove(id),
      (message, on) => this.store.dispatch({ type: 'removing', message, on }),
      (error) => this.removeFailed(error),
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
    if (start) begin(this.store, start, (room) => this.reading.learned(room))
    this.connection = new Connection(
      world.open,
      {
        position: () => (this.store.state.loaded ? this.store.state.position : null),
        began: (position) => {
          this.store.dispatch({ type: 'began', position })
          void this.begin()
        },
        resumed: () => this.online(),
        broken: () => {
          this.cancelPresence?.()
          this.store.dispatch({ type: 'link', link: 'offline' })
        },
        event: (event) => this.heard(event),
        typing: (room, user, stopped) => this.typingHeard(room, user, stopped),
        presence: ({ online, away = [], offline }) =>
          this.store.dispatch({ type: 'presence', online, away, offline }),
        seen: (room, reads) => this.store.dispatch({ type: 'seen', room, reads }),
        revoked: () => this.onSignedOut(),
      },
      world.clock,
    )
  }

  get clock(): Clock {
    return this.world.clock
  }

  get api(): Api {
    return this.world.api
  }

  now(): Date {
    return this.world.now()
  }

  private async askPresence(): Promise<void> {
    // A socket that came is attended until it says otherwise.
    if (this.isAway) this.connection.away(true)
    const answer = await this.connection.online()
    if (!answer) return
    const { online, away = [] } = answer
    this.store.dispatch({ type: 'presence', online, away, offline: [], whole: true })
  }

  /** How far everybody in a small room has read; once, then it is heard. */
  async askSeen(room: number): Promise<void> {
    if (this.store.state.seen[room]) return
    const members = await this.world.api.members(room, { limit: SMALL }).catch(() => [])
    const reads = members.map(({ user, last_read_id }) => ({
      user_id: user.id,
      message_id: last_read_id,
    }))
    this.store.dispatch({ type: 'users', users: members.map(({ user }) => user) })
    this.store.dispatch({ type: 'seen', room, reads })
  }

  nudge(): void {
    this.connection.nudge()
  }

  close(): void {
    this.leave()
    this.cancelAway?.()
    this.cancelPresence?.()
    this.sending.close()
    this.reading.close()
    this.loader.close()
    this.connection.close()
  }

  /** Loads rooms after a connection without a past; tries again until it works. */
  private async begin(): Promise<void> {
    const { position } = this.store.state
    try {
      const { me, rooms, server, settings } = await this.api.bootstrap()
      if (!me) throw new ApiError('unauthenticated', '', 401)
      // Another beginning has overtaken this one.
      if (this.store.state.position?.epoch !== position?.epoch) return
      this.people.forget()
      this.store.dispatch({ type: 'limits', limits: server.limits })
      this.store.dispatch({ type: 'settings', settings })
      this.store.dispatch({ type: 'rooms', rooms, asked: position?.seq ?? 0 })
      for (const room of rooms) this.reading.learned(room)
      this.fresh = true
      this.online()
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) this.onSignedOut()
      else this.world.clock.after(2_000, () => void this.begin())
    }
  }

  private online(): void {
    this.store.dispatch({ type: 'link', link: 'online' })
    // It can wait: nothing of it is on the screen that one came for.
    this.cancelPresence?.()
    this.cancelPresence = this.world.clock.after(PRESENCE_MS, () => void this.askPresence())
    this.sending.again()
    this.reading.again()
    if (this.fresh) void this.reading.begin()
    this.fresh = false
    this.loader.again()
  }

  /** Who wants to hear of events that are no part of the state. */
  readonly listeners = new Set<(event: LiveEvent) => void>()

  private heard(event: LiveEvent): void {
    for (const listener of this.listeners) listener(event)
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
    const key = keyOf(line)
    // The room that one came for was shown before it was drawn.
    if (!this.store.state.shown.includes(key)) this.store.dispatch({ type: 'shown', key })
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

  /**
   * The view is so many pixels high, with what is asked for ahead on both sides. A window holds
   * that and a page more: one that comes at an end must not push out what is near at the other.
   */
  sized(height_px: number): void {
    const messages = Math.max(HELD, Math.ceil(height_px / ROW_PX) + PAGE)
    this.store.dispatch({ type: 'held', messages })
  }

  awake(awake: boolean): void {
    this.store.dispatch({ type: 'awake', awake })
    this.cancelAway?.()
    this.cancelAway = undefined
    const turn = (away: boolean) => {
      if (this.isAway === away) return
      this.isAway = away
      this.connection.away(away)
    }
    if (awake) turn(false)
    else this.cancelAway = this.world.clock.after(AWAY_MS, () => turn(true))
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

  /** Deletes a message, unless that is undone soon. */
  remove(message: number, failed: (error: unknown) => void): void {
    this.removeFailed = failed
    this.removing.start(message)
  }

  undoRemove(message: number): void {
    this.removing.undo(message)
  }

  /** The page is left: what waits to be done is done now. */
  leave(): void {
    this.removing.flush()
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
