/** How far one has read: told to the server as one looks, heard of from other devices. */
import type { Message, Room } from '../api/types'
import type { Api } from './api'
import type { Clock } from './connection'
import type { LiveEvent } from './events'
import { lastId, roomLine, threadLine } from './model'
import type { Line } from './pages'
import { readUpTo, type Sight } from './place'
import { Reader } from './reader'
import type { Store } from './store'

type ReadMoved = Extract<LiveEvent, { type: 'read.moved' }>

export class Reading {
  private readonly reader: Reader
  private readonly threadReader: Reader
  /** Threads that were asked about. */
  private readonly asked = new Set<number>()

  constructor(
    private readonly api: Api,
    private readonly store: Store,
    private readonly me: number,
    tell: (room: number, message: number) => Promise<boolean>,
    clock: Clock,
    /** What of a room is unread may be less now: the server counts. */
    private readonly refresh: (room: number) => void,
  ) {
    this.reader = new Reader(tell, clock)
    this.threadReader = new Reader(async (root, message) => {
      await api.readThread(root, message)
      const { timelines, rooms } = store.state
      const room = timelines[threadLine(root)]?.room
      if (room !== undefined && (rooms[room]?.me?.mentions ?? 0) > 0) this.refresh(room)
      return true
    }, clock)
  }

  close(): void {
    this.reader.close()
    this.threadReader.close()
  }

  /** The line is back. */
  again(): void {
    void this.reader.flush()
    void this.threadReader.flush()
  }

  learned({ id, me }: Room): void {
    if (me) this.reader.learned(id, me.last_read_id)
  }

  /** What others did that concerns reading. */
  heard(event: LiveEvent): void {
    if (event.type === 'message.created') {
      const { author, id } = event.message
      // One's own word is read: the server moves that by itself.
      if (author.id === this.me) this.reader.learned(event.room_id, id)
      else this.askFollow(event.message)
    }
    if (event.type === 'read.moved' && event.user_id === this.me) this.moved(event)
  }

  /** Where somebody waits in a thread: nobody has to open it to be told. */
  async begin(): Promise<void> {
    this.asked.clear()
    const answer = await this.api.threads({ unread: true }).catch(() => undefined)
    if (!answer) return
    const follows = Object.fromEntries(answer.threads.map(({ root, me }) => [root.id, me]))
    this.store.dispatch({ type: 'follows', follows })
  }

  private moved({ room_id: room, message_id, unread = 0, mentions = 0 }: ReadMoved): void {
    const echo = this.reader.echo(room, message_id)
    const read = this.store.state.rooms[room]?.me?.last_read_id ?? 0
    if (message_id >= read) this.reader.learned(room, message_id)
    else if (!echo) this.wentBack(room, message_id, unread, mentions)
  }

  private wentBack(room: number, read: number, unread: number, mentions: number): void {
    this.reader.back(room, read)
    this.store.dispatch({ type: 'unread', room, read, unread, mentions })
    const event = { type: 'marked_unread', after: read } as const
    this.store.dispatch({ type: 'placed', key: roomLine(room), event })
  }

  /** This message and what follows are new again. */
  async markUnread(message: Message): Promise<void> {
    const { room_id: room, id } = message
    const { last_read_id: read } = await this.api.markUnread(room, id)
    const counted = this.held(room).filter((m) => m.id >= id && m.author.id !== this.me)
    const mentions = counted.filter((m) => m.mentions.includes(this.me)).length
    this.wentBack(room, read, counted.length, mentions)
  }

  /** A reply in a thread of which nothing is known: whether one follows it, the server says. */
  private askFollow({ reply_to: root, author }: Message): void {
    if (root == null || author.id === this.me || this.store.state.follows[root]) return
    if (this.asked.has(root)) return
    this.asked.add(root)
    this.api.thread(root, { limit: 1 }).then(
      ({ me }) => this.store.dispatch({ type: 'follows', follows: { [root]: me } }),
      () => this.asked.delete(root),
    )
  }

  async follow(root: number, on: boolean): Promise<void> {
    const me = await this.api.follow(root, on)
    this.store.dispatch({ type: 'follows', follows: { [root]: me } })
  }

  /** What of a line is in view: reading moves as one looks. */
  look({ room, root }: Line, sight: Sight): void {
    if (root !== undefined) {
      this.lookAtThread(root, sight)
      return
    }
    const { rooms, timelines } = this.store.state
    const place = timelines[roomLine(room)]?.place
    const known = rooms[room]
    if (!place || !known?.me) return
    const read = readUpTo(place, sight, this.reader.toldUpTo(room), lastId(known))
    if (read === undefined) return
    this.reader.want(room, read)
    this.store.dispatch({ type: 'read', room, message: read })
  }

  private lookAtThread(root: number, sight: Sight): void {
    const { timelines, follows } = this.store.state
    const line = timelines[threadLine(root)]
    if (!line || (follows[root]?.unread ?? 0) === 0) return
    const newest = line.messages.at(-1)?.id ?? 0
    const read = readUpTo(line.place, sight, this.threadReader.toldUpTo(root), newest)
    if (read === undefined || read === root) return
    this.threadReader.want(root, read)
    this.store.dispatch({ type: 'thread_read', root, message: read })
  }

  private held(room: number): readonly Message[] {
    return this.store.state.timelines[roomLine(room)]?.messages ?? []
  }
}
