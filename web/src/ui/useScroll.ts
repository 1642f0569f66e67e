/** Where the reader is in a timeline: at the end and staying there, or at a message that holds still. */
import { useCallback, useEffect, useLayoutEffect, useRef } from 'react'
import type { Client } from '../core/client'
import type { Timeline } from '../core/model'

/** A page is asked for when its end is nearer than this. */
const NEAR_PX = 900
const AT_END_PX = 48

export function useScroll(
  client: Client,
  room: number,
  line: Timeline,
  waiting: number,
  target: number | undefined,
) {
  const box = useRef<HTMLElement>(null)
  const list = useRef<HTMLOListElement>(null)
  /** The message at the top of the view and where it stands: what must not move. */
  const held = useRef<{ id: string; top: number } | null>(null)
  const placed = useRef(false)
  const shown = useRef<number | undefined>(undefined)
  const seenWaiting = useRef(waiting)
  const latest = useRef(line)

  const toEnd = useCallback(() => {
    const element = box.current
    if (element) element.scrollTop = element.scrollHeight
  }, [])

  const onScroll = useCallback(() => {
    const element = box.current
    if (!element) return
    const now = latest.current
    held.current = topmost(element)
    const below = element.scrollHeight - element.scrollTop - element.clientHeight
    const follow = below < AT_END_PX && !now.moreAfter
    client.store.dispatch({ type: 'follow', room, follow })
    if (element.scrollTop < NEAR_PX && now.moreBefore) void load(client, room, 'before')
    if (below < NEAR_PX && now.moreAfter) void load(client, room, 'after')
  }, [client, room])

  useLayoutEffect(() => {
    latest.current = line
    const element = box.current
    if (!element) return
    const wrote = waiting > seenWaiting.current
    seenWaiting.current = waiting
    const wanted = target !== shown.current ? byId(element, target) : null
    if (wanted) {
      shown.current = target
      placed.current = true
      wanted.scrollIntoView({ block: 'center' })
      wanted.focus({ preventScroll: true })
    } else if (!placed.current && line.messages.length > 0) {
      placed.current = true
      toStart(element, line)
    } else if (line.follow || wrote) {
      toEnd()
    } else {
      keep(element, held.current)
    }
    onScroll()
  }, [line, waiting, target, toEnd, onScroll])

  useEffect(() => {
    // The message of the address is not in the window: show the part of the room that has it.
    if (target === undefined || target === shown.current) return
    if (box.current && byId(box.current, target)) return
    client.page(room, 'around', target).catch(() => undefined)
  }, [client, room, target])

  useEffect(() => {
    const element = box.current
    const inner = list.current
    if (!element || !inner) return
    element.addEventListener('scroll', onScroll, { passive: true })
    // A keyboard that opens, a composer that grows: the end stays in view.
    const watcher = new ResizeObserver(() => {
      if (latest.current.follow) toEnd()
    })
    watcher.observe(element)
    watcher.observe(inner)
    return () => {
      element.removeEventListener('scroll', onScroll)
      watcher.disconnect()
    }
  }, [onScroll, toEnd])

  const toNewest = useCallback(() => {
    if (!latest.current.moreAfter) {
      toEnd()
      return
    }
    void client.page(room, 'latest').catch(() => undefined)
  }, [client, room, toEnd])

  return { box, list, toNewest }
}

/** A failed page is asked for again by the next scroll. */
async function load(client: Client, room: number, place: 'before' | 'after'): Promise<void> {
  await client.page(room, place).catch(() => undefined)
}

/** The first view of a room: the unread line if the news do not fit below it, else the end. */
function toStart(box: HTMLElement, line: Timeline): void {
  box.scrollTop = box.scrollHeight
  const mark = box.querySelector<HTMLElement>('.unread-line')
  if (!mark) return
  const above = box.getBoundingClientRect().top - mark.getBoundingClientRect().top
  if (above > 0 || line.moreAfter) mark.scrollIntoView({ block: 'start' })
}

function byId(box: HTMLElement, id: number | undefined): HTMLElement | null {
  return id === undefined ? null : box.querySelector(`[data-id="${id}"]`)
}

function topmost(box: HTMLElement): { id: string; top: number } | null {
  const edge = box.getBoundingClientRect().top
  const items = box.querySelectorAll<HTMLElement>('[data-id]')
  let low = 0
  let high = items.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    const bottom = items[middle]?.getBoundingClientRect().bottom ?? 0
    if (bottom > edge) high = middle
    else low = middle + 1
  }
  const item = items[low]
  const id = item?.dataset.id
  return item && id ? { id, top: item.getBoundingClientRect().top - edge } : null
}

function keep(box: HTMLElement, held: { id: string; top: number } | null): void {
  const item = held && box.querySelector(`[data-id="${held.id}"]`)
  if (!item) return
  const top = item.getBoundingClientRect().top - box.getBoundingClientRect().top
  const moved = top - held.top
  if (Math.abs(moved) >= 1) box.scrollTop += moved
}
