/** Loads the lines of messages: what one wants to see first, and the pages before and after. */
import type { Room } from '../api/types'
import type { Api } from './api'
import type { Load, Loader } from './loader'
import type { LineKey } from './model'
import type { Store } from './store'
import { keyOf, type Where } from './timeline'

export const PAGE = 50

/** A line of messages: a room's own, or the thread that `root` began. */
export interface Line {
  room: number
  root?: number | undefined
}

export class Pages {
  private readonly paging = new Set<string>()
  /** The message at the top of the view, by line. */
  readonly anchors = new Map<LineKey, number>()

  /** `learned` hears of a room that was not known before. */
  constructor(
    private readonly api: Api,
    private readonly store: Store,
    private readonly loader: Loader,
    private readonly learned: (room: Room, asked: number) => void,
  ) {}

  /** Loads what the reader wants to see first, unless it is held. */
  load(line: Line, around?: number): void {
    if (this.holdsStart(line, around)) return
    const load: Load = (wanted) => this.open(line, around, wanted)
    this.loader.want(keyOf(line), `around ${around ?? 'start'}`, load)
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

  /** Reads again what is on the screen, and leaves the view where it is. */
  refresh(room?: number): void {
    const { shown, timelines } = this.store.state
    for (const key of shown) {
      const line = timelines[key]
      if (!line || (room !== undefined && line.room !== room)) continue
      const { messages, place } = line
      const middle = messages[Math.floor(messages.length / 2)]?.id
      const at = place.follow ? undefined : (this.anchors.get(key) ?? middle)
      this.loader.want(key, 'refresh', (wanted) => this.page(line, 'refresh', at, wanted))
    }
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
      this.learned(await this.api.room(room), asked)
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
      const at = where === 'around' || where === 'refresh' ? around : from
      const asked = this.heardUpTo()
      const query = {
        limit: where === 'refresh' ? 100 : PAGE,
        ...(where === 'latest' || at === undefined
          ? {}
          : { [where === 'refresh' ? 'around' : where]: at }),
      }
      const end = from === undefined ? {} : { from }
      if (root === undefined) {
        const page = await this.api.messages(room, query)
        if (wanted()) this.store.dispatch({ type: 'page', room, page, where, asked, ...end })
      } else {
        const { me, ...page } = await this.api.thread(root, query)
        if (!wanted()) return
        this.store.dispatch({ type: 'page', room, root, page, where, asked, me, ...end })
      }
    } finally {
      this.paging.delete(key)
    }
  }

  private heardUpTo(): number {
    return this.store.state.position?.seq ?? 0
  }
}
