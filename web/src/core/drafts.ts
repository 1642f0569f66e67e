/**
 * What was begun and not sent, kept across places, reloads and tabs. A draft has the `client_id`
 * its message will have: sent from two tabs at once, it is one message.
 */
import type { Chosen } from './mentions'
import type { Storage } from './outbox'

/** Where one writes: in a room, in a thread, into a message that is changed. */
export type Place = `room.${number}` | `thread.${number}.${number}` | `edit.${number}`

export interface Draft {
  text: string
  /** The people who were chosen, by the names that stand in it. */
  chosen: Chosen[]
  client_id: string
}

export class Drafts {
  private readonly known = new Map<string, Draft | null>()
  private readonly listeners = new Set<(place: string, draft: Draft | null) => void>()
  private inRooms: ReadonlySet<number> | null = null
  /** Hears of every change that is made here. */
  onKept: ((place: Place) => void) | undefined

  constructor(
    private readonly storage: Storage,
    private readonly user: number,
    private readonly newId: () => string,
  ) {}

  read(place: Place): Draft | null {
    let draft = this.known.get(place)
    if (draft === undefined) {
      draft = parsed(this.storage.getItem(this.key(place)))
      this.known.set(place, draft)
    }
    return draft
  }

  /** Keeps what stands in the field now; an empty text is no draft. */
  keep(place: Place, text: string, chosen?: Chosen[]): void {
    if (text.trim() === '') {
      this.forget(place)
      return
    }
    const old = this.read(place)
    const draft: Draft = {
      text,
      chosen: chosen ?? old?.chosen ?? [],
      client_id: old?.client_id ?? this.newId(),
    }
    this.known.set(place, draft)
    try {
      this.storage.setItem(this.key(place), JSON.stringify(draft))
    } catch {
      // Storage is full or forbidden: the draft lives on in memory only.
    }
    if (!old) this.tell(place, draft)
    this.onKept?.(place)
  }

  /** Another device wrote it. */
  learn(place: Place, text: string): void {
    const old = this.read(place)
    if ((old?.text ?? '') === text) return
    const kept = this.onKept
    this.onKept = undefined
    if (text === '') this.forget(place)
    else {
      this.keep(place, text)
      this.tell(place, this.read(place))
    }
    this.onKept = kept
  }

  forget(place: Place): void {
    if (this.read(place) === null) return
    this.known.set(place, null)
    this.storage.removeItem(this.key(place))
    this.tell(place, null)
    this.onKept?.(place)
  }

  /** Nothing of this person stays behind on a shared machine. */
  forgetAll(): void {
    for (const key of this.keys()) this.storage.removeItem(key)
    this.known.clear()
    this.inRooms = null
  }

  /** Another tab wrote `key`; what it wrote is told to who listens. */
  heard(key: string | null): void {
    if (!key?.startsWith(this.prefix())) return
    const place = key.slice(this.prefix().length)
    const draft = parsed(this.storage.getItem(key))
    this.known.set(place, draft)
    this.tell(place, draft)
  }

  /** Everything that was begun in rooms and threads. */
  all(): { place: Place; room: number; root: number | undefined; text: string }[] {
    return this.keys().flatMap((key) => {
      const place = key.slice(this.prefix().length) as Place
      const found = /^(?:room|thread)\.(\d+)(?:\.(\d+))?$/.exec(place)
      const draft = this.read(place)
      if (!found || !draft) return []
      const [, room, root] = found
      return [
        {
          place,
          room: Number(room),
          root: root === undefined ? undefined : Number(root),
          text: draft.text,
        },
      ]
    })
  }

  /** The rooms with a draft in them or in one of their threads. */
  rooms(): ReadonlySet<number> {
    if (this.inRooms) return this.inRooms
    const found = this.keys().flatMap((key) => {
      const room = /^(?:room|thread)\.(\d+)/.exec(key.slice(this.prefix().length))?.[1]
      return room === undefined ? [] : [Number(room)]
    })
    return (this.inRooms = new Set(found))
  }

  subscribe = (listener: (place: string, draft: Draft | null) => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  private tell(place: string, draft: Draft | null): void {
    this.inRooms = null
    for (const listener of [...this.listeners]) listener(place, draft)
  }

  private keys(): string[] {
    const keys: string[] = []
    for (let i = 0; i < this.storage.length; i++) {
      const key = this.storage.key(i)
      if (key?.startsWith(this.prefix())) keys.push(key)
    }
    return keys
  }

  private prefix(): string {
    return `maru.drafts.${this.user}.`
  }

  private key(place: string): string {
    return this.prefix() + place
  }
}

function parsed(text: string | null): Draft | null {
  try {
    const value = JSON.parse(text ?? 'null') as Partial<Draft> | null
    const whole = typeof value?.text === 'string' && typeof value.client_id === 'string'
    if (!whole) return null
    return { ...(value as Draft), chosen: Array.isArray(value.chosen) ? value.chosen : [] }
  } catch {
    return null
  }
}

/**
 * What a field shows when its draft was changed in another tab: the draft, but for what was typed
 * here since, which stays.
 */
export function merged(here: string, known: string, draft: Draft | null): string {
  if (here === known || draft?.text === here) return draft?.text ?? ''
  // Sent elsewhere while a syllable was open here: what was added is the beginning of the next.
  if (draft === null && known !== '' && here.startsWith(known)) return here.slice(known.length)
  return here
}
