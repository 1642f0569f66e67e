/** Drafts of rooms and threads, the same on all of one's devices. */
import type { KeptDraft } from '../api/types'
import type { Clock } from './connection'
import type { Drafts, Place } from './drafts'

/** Typing is told when it rests. */
const REST_MS = 1_500

export interface DraftApi {
  drafts(): Promise<{ drafts: KeptDraft[] }>
  keepDraft(draft: {
    room_id: number
    thread_id?: number | undefined
    text: string
  }): Promise<unknown>
}

export class DraftSync {
  private readonly waiting = new Map<Place, () => void>()
  /** What the server has from here. */
  private readonly told = new Map<Place, string>()

  constructor(
    private readonly drafts: Drafts,
    private readonly api: DraftApi,
    private readonly clock: Clock,
  ) {
    drafts.onKept = (place) => this.kept(place)
  }

  /** What was begun elsewhere; what stands here is newer. */
  async begin(): Promise<void> {
    const answer = await this.api.drafts().catch(() => undefined)
    for (const { room_id, thread_id, text } of answer?.drafts ?? []) {
      const place = placeOf(room_id, thread_id)
      this.told.set(place, text)
      if (!this.drafts.read(place)) this.drafts.learn(place, text)
    }
  }

  /** Told by the server: by this device a moment ago, or by another. */
  heard({ room_id, thread_id, text }: Pick<KeptDraft, 'room_id' | 'thread_id' | 'text'>): void {
    const place = placeOf(room_id, thread_id)
    if (this.waiting.has(place) || this.told.get(place) === text) return
    this.told.set(place, text)
    this.drafts.learn(place, text)
  }

  close(): void {
    this.drafts.onKept = undefined
    for (const [place, cancel] of [...this.waiting]) {
      cancel()
      void this.tell(place)
    }
  }

  private kept(place: Place): void {
    if (place.startsWith('edit.')) return
    this.waiting.get(place)?.()
    this.waiting.set(
      place,
      this.clock.after(REST_MS, () => void this.tell(place)),
    )
  }

  private async tell(place: Place): Promise<void> {
    this.waiting.delete(place)
    const text = this.drafts.read(place)?.text ?? ''
    if ((this.told.get(place) ?? '') === text) return
    this.told.set(place, text)
    const [, room = '', root] = place.split('.')
    await this.api
      .keepDraft({
        room_id: Number(room),
        text,
        ...(root === undefined ? {} : { thread_id: Number(root) }),
      })
      // It is told again with the next change.
      .catch(() => this.told.delete(place))
  }
}

function placeOf(room: number, thread: number | null | undefined): Place {
  return thread == null ? `room.${room}` : `thread.${room}.${thread}`
}
