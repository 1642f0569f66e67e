/**
 * Where a reader is in a line of messages: at the end and staying there, where the unread line
 * stands, and what to come back to. Plain data and pure steps; what scrolls is not known here.
 */
import type { Message } from '../api/types'
import type { Timeline } from './model'

export interface Place {
  /** The reader is at the newest message and wants to stay there. */
  follow: boolean
  /** The unread line stands after this message (0: before all); without one there is no line. */
  line: number | null
  /** The reader set the room back to unread: nothing counts as read until it is opened anew. */
  held: boolean
  /** What stood at the top of the view when the reader left. */
  anchor: Anchor | null
}

/** A message and how far below the edge of the view it stands. */
export interface Anchor {
  id: number
  top: number
}

export type PlaceEvent =
  /** The line is shown, for the first time or again. */
  | { type: 'opened'; read: number; unread: number }
  | { type: 'scrolled'; atEnd: boolean }
  /** The first message that is unread came; before it stands `after`. */
  | { type: 'news'; after: number }
  /** The reader wrote: what stands above has been seen. */
  | { type: 'wrote' }
  /** Everything was read while nobody looked here: on another device. */
  | { type: 'read_elsewhere' }
  | { type: 'marked_unread'; after: number }
  /** Something else is shown instead of what was, from the end or not. */
  | { type: 'jumped'; toEnd: boolean }
  | { type: 'left'; anchor: Anchor | null }

export const atEnd: Place = { follow: true, line: null, held: false, anchor: null }

export function placed(place: Place, event: PlaceEvent): Place {
  switch (event.type) {
    case 'opened':
      // A line over what was read on the last visit tells nothing any more.
      return { ...place, held: false, line: event.unread > 0 ? event.read : null }
    case 'scrolled':
      return place.follow === event.atEnd ? place : { ...place, follow: event.atEnd }
    case 'news':
      return { ...place, line: event.after }
    case 'wrote':
      return { ...place, follow: true, line: null, held: false, anchor: null }
    case 'read_elsewhere':
      return place.line === null ? place : { ...place, line: null }
    case 'marked_unread':
      return { ...place, held: true, line: event.after }
    case 'jumped':
      return { ...place, follow: event.toEnd, anchor: null }
    case 'left':
      return { ...place, anchor: place.follow ? null : event.anchor }
  }
}

/** What of the view counts as read. */
export interface Sight {
  /** The lowest message whose end is in view. */
  bottom: number | undefined
  /** The end of everything is in view. */
  atEnd: boolean
  /** The window has the reader's attention. */
  awake: boolean
}

/** Up to where the reader has read by looking, if that is further than before. */
export function readUpTo(
  place: Place,
  sight: Sight,
  read: number,
  newest: number,
): number | undefined {
  if (!sight.awake || place.held) return undefined
  const seen = sight.atEnd ? newest : (sight.bottom ?? 0)
  return seen > read ? seen : undefined
}

/** How much is unread after reading moved from `from` to `to`, if the messages between are known. */
export function leftUnread(
  unread: number,
  from: number,
  to: number,
  known: Pick<Timeline, 'messages' | 'moreBefore' | 'moreAfter'>,
  counts: (message: Message) => boolean,
): number | undefined {
  const { messages, moreBefore, moreAfter } = known
  if (!moreAfter && (messages[0]?.id ?? Infinity) <= to) {
    return Math.min(unread, messages.filter((m) => m.id > to && counts(m)).length)
  }
  const first = messages[0]?.id ?? Infinity
  const last = messages.at(-1)?.id ?? 0
  const whole = (first <= from || !moreBefore) && last >= to
  if (!whole) return undefined
  const seen = messages.filter((m) => m.id > from && m.id <= to && counts(m)).length
  return Math.max(0, unread - seen)
}
