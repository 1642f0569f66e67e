/** What was begun and not sent, kept across rooms and reloads. */
import type { Chosen } from '../core/mentions'

/** A room's draft is kept under its id, a thread's under both. */
export type Slot = number | `${number}.${number}`

const key = (user: number, room: Slot) => `maru.draft.${user}.${room}`
const chosenKey = (user: number, room: Slot) => `maru.chosen.${user}.${room}`

export function readDraft(user: number, room: Slot): string {
  return localStorage.getItem(key(user, room)) ?? ''
}

/** The people who were chosen for the draft, by the names that stand in it. */
export function readChosen(user: number, room: Slot): Chosen[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(chosenKey(user, room)) ?? '[]')
    return Array.isArray(kept) ? (kept as Chosen[]) : []
  } catch {
    return []
  }
}

export function keepDraft(user: number, room: Slot, text: string): void {
  keep(key(user, room), text)
}

export function keepChosen(user: number, room: Slot, chosen: Chosen[]): void {
  keep(chosenKey(user, room), JSON.stringify(chosen))
}

export function forgetDraft(user: number, room: Slot): void {
  localStorage.removeItem(key(user, room))
  localStorage.removeItem(chosenKey(user, room))
}

function keep(at: string, text: string): void {
  try {
    if (text === '') localStorage.removeItem(at)
    else localStorage.setItem(at, text)
  } catch {
    // Storage is full: the text stays in the element.
  }
}
