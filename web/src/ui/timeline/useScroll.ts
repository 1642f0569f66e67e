/** Where the reader is in a timeline: at the end and staying there, or at a message that holds still. */
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { Client, Line } from '../../core/client'
import type { LineKey, Timeline } from '../../core/model'
import type { Anchor } from '../../core/place'
import type { Row } from '../../core/rows'
import { opened } from '../painted'

/** A page is asked for when its end is nearer than this. */
const NEAR_PX = 750
const AT_END_PX = 48
/** So much of what was read is shown above the first unread message. */
const CONTEXT_PX = 72

export interface Target {
  message: number
  /** The how-manieth time somebody goes somewhere: the same message can be wanted again. */
  visit: number
}

interface Options {
  line: Line
  lineKey: LineKey
  timeline: Timeline | undefined
  rows: readonly Row[]
  /** No more rows of the window are to come above, or below. */
  above: boolean
  below: boolean
  target: Target | undefined
  /** The target is in view. */
  onReached: () => void
}

export function useScroll(client: Client, options: Options) {
  const { line, lineKey, timeline, rows, above, below, target, onReached } = options
  const box = useRef<HTMLElement>(null)
  const list = useRef<HTMLOListElement>(null)
  /** The message at the top of the view and where it stands: what must not move. */
  const held = useRef<Anchor | null>(null)
  /** The window that was placed in view already. */
  const generation = useRef(0)
  const reached = useRef<number | undefined>(undefined)
  const waiting = useRef(0)
  const lastTop = useRef(0)
  const latest = useRef({ timeline, line, above, below })
  /** The unread line that was in view once: nobody has to be led there. */
  const seenLine = useRef<number | null>(null)
  const [unseenLine, setUnseenLine] = useState<'above' | 'below' | null>(null)

  const toEnd = useCallback(() => {
    const element = box.current
    if (!element) return
    element.scrollTop = element.scrollHeight
    lastTop.current = element.scrollTop
  }, [])

  /** What is in view, told to whom it concerns: the place, reading, and the pages that are near. */
  const look = useCallback(() => {
    const element = box.current
    const { timeline: now, line: at, above, below } = latest.current
    if (!element || !now) return
    const rest = element.scrollHeight - element.scrollTop - element.clientHeight
    const wentUp = element.scrollTop < lastTop.current - 1
    lastTop.current = element.scrollTop
    const isWhole = below && !now.moreAfter
    const end = isWhole && (rest < 2 || (rest < AT_END_PX && !wentUp))
    held.current = end ? null : topmost(element)
    if (end !== now.place.follow) {
      const event = { type: 'scrolled', atEnd: end } as const
      client.store.dispatch({ type: 'placed', key: lineKey, event })
    }
    const where = whereIsLine(element, now)
    if (where === 'here') seenLine.current = now.place.line
    setUnseenLine(where === 'here' || seenLine.current === now.place.line ? null : where)
    const { awake } = client.store.state
    client.anchored(at, held.current?.id)
    client.look(at, { bottom: end ? undefined : lowest(element), atEnd: end, awake })
    if (above && element.scrollTop < NEAR_PX && now.moreBefore) void load(client, at, 'before')
    if (below && rest < NEAR_PX && now.moreAfter) void load(client, at, 'after')
  }, [client, lineKey])

  useLayoutEffect(() => {
    latest.current = { timeline, line, above, below }
    const element = box.current
    if (!timeline) generation.current = 0
    if (!element || !timeline) return
    const isNew = generation.current !== timeline.generation && rows.length > 0
    const onWay = rows.filter((row) => row.kind === 'message' && row.pending).length
    const wrote = onWay > waiting.current
    waiting.current = onWay
    const wanted = target && target.visit !== reached.current ? byId(element, target.message) : null
    if (wanted) {
      reached.current = target?.visit
      generation.current = timeline.generation
      wanted.scrollIntoView({ block: 'center' })
      for (const animation of wanted.getAnimations()) animation.play()
      onReached()
    } else if (isNew) {
      generation.current = timeline.generation
      const { anchor } = timeline.place
      if (!anchor || !keep(element, anchor)) toStart(element, timeline)
    } else if (timeline.place.follow || wrote) {
      toEnd()
    } else if (held.current) {
      keep(element, held.current)
    }
    look()
  }, [line, timeline, rows, above, below, target, toEnd, look, onReached])

  // The message of the address is not in the window: show the part of the room that has it.
  useEffect(() => {
    if (target && target.visit !== reached.current) client.seek(latest.current.line, target.message)
  }, [client, target])

  useEffect(() => {
    const element = box.current
    const inner = list.current
    if (!element || !inner) return
    element.addEventListener('scroll', look, { passive: true })
    // A keyboard that opens, a composer that grows, a picture that loads: the end stays in view.
    const watcher = new ResizeObserver(() => {
      client.sized(element.clientHeight + 2 * NEAR_PX)
      if (latest.current.timeline?.place.follow) toEnd()
      else if (held.current) keep(element, held.current)
    })
    watcher.observe(element)
    watcher.observe(inner)
    return () => {
      element.removeEventListener('scroll', look)
      watcher.disconnect()
    }
  }, [client, look, toEnd])

  // What one comes back to.
  useEffect(
    () => () => {
      const event = { type: 'left', anchor: held.current } as const
      client.store.dispatch({ type: 'placed', key: lineKey, event })
    },
    [client, lineKey],
  )

  const toNewest = useCallback(() => {
    if (latest.current.timeline?.moreAfter) client.toNewest(latest.current.line)
    else toEnd()
  }, [client, toEnd])

  const toUnread = useCallback(() => {
    const element = box.current
    const after = latest.current.timeline?.place.line
    if (!element || after == null) return
    if (!toLine(element)) client.seek(latest.current.line, after)
  }, [client])

  return { box, list, look, toNewest, toUnread, unseenLine }
}

/** A failed page is asked for again by the next scroll. */
async function load(client: Client, line: Line, where: 'before' | 'after'): Promise<void> {
  await opened()
  await client.page(line, where).catch(() => undefined)
}

/** The first view of a room: the unread line if the news do not fit below it, else the end. */
function toStart(box: HTMLElement, timeline: Timeline): void {
  box.scrollTop = box.scrollHeight
  const mark = box.querySelector<HTMLElement>('.unread-line')
  if (!mark) return
  const above = box.getBoundingClientRect().top - mark.getBoundingClientRect().top
  if (above > 0 || timeline.moreAfter) toLine(box)
}

/** Where the unread line stands, seen from what is in view. */
function whereIsLine(
  box: HTMLElement,
  { place, messages }: Timeline,
): 'here' | 'above' | 'below' | null {
  if (place.line === null) return null
  const mark = box.querySelector<HTMLElement>('.unread-line')
  if (!mark) return (messages[0]?.id ?? 0) > place.line ? 'above' : 'below'
  const edges = box.getBoundingClientRect()
  const { top, bottom } = mark.getBoundingClientRect()
  if (bottom <= edges.top) return 'above'
  return top >= edges.bottom ? 'below' : 'here'
}

/** The unread line near the top of the view, under a little of what was read before. */
function toLine(box: HTMLElement): boolean {
  const mark = box.querySelector<HTMLElement>('.unread-line')
  if (!mark) return false
  box.scrollTop += mark.getBoundingClientRect().top - box.getBoundingClientRect().top - CONTEXT_PX
  return true
}

function byId(box: HTMLElement, id: number): HTMLElement | null {
  return box.querySelector(`[data-id="${id}"]`)
}

/** The first of the messages for which it holds; it holds for all after it. */
function firstWhere(items: NodeListOf<HTMLElement>, holds: (box: DOMRect) => boolean): number {
  let low = 0
  let high = items.length
  while (low < high) {
    const middle = (low + high) >> 1
    const item = items[middle]
    if (item && holds(item.getBoundingClientRect())) high = middle
    else low = middle + 1
  }
  return low
}

const messagesIn = (box: HTMLElement) => box.querySelectorAll<HTMLElement>('[data-id]')

/** The message at the upper edge of the view. */
function topmost(box: HTMLElement): Anchor | null {
  const edge = box.getBoundingClientRect().top
  const items = messagesIn(box)
  const item = items[firstWhere(items, ({ bottom }) => bottom > edge)] ?? items[items.length - 1]
  if (!item) return null
  return { id: Number(item.dataset.id), top: item.getBoundingClientRect().top - edge }
}

/** The lowest message whose end is in view. */
function lowest(box: HTMLElement): number | undefined {
  const edge = box.getBoundingClientRect().bottom
  const items = messagesIn(box)
  const item = items[firstWhere(items, ({ bottom }) => bottom > edge + 1) - 1]
  return item && Number(item.dataset.id)
}

/** The held message where it stood before. Whether it is there at all. */
function keep(box: HTMLElement, held: Anchor): boolean {
  const item = byId(box, held.id)
  if (!item) return false
  const top = item.getBoundingClientRect().top - box.getBoundingClientRect().top
  const moved = top - held.top
  if (Math.abs(moved) >= 1) box.scrollTop += moved
  return true
}
