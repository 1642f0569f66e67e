/** What was begun and not sent, kept across rooms and reloads. */
import type { Chosen } from '../core/mentions'

const key = (user: number, room: number) => `maru.draft.${user}.${room}`
const chosenKey = (user: number, room: number) => `maru.chosen.${user}.${room}`

export function readDraft(user: number, room: number): string {
  return localStorage.getItem(key(user, room)) ?? ''
}

/** The people who were chosen for the draft, by the names that stand in it. */
export function readChosen(user: number, room: number): Chosen[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(chosenKey(user, room)) ?? '[]')
    return Array.isArray(kept) ? (kept as Chosen[]) : []
  } catch {
    return []
  }
}

export function keepDraft(user: number, room: number, text: string): void {
  keep(key(user, room), text)
}

export function keepChosen(user: number, room: number, chosen: Chosen[]): void {
  keep(chosenKey(user, room), JSON.stringify(chosen))
}

export function forgetDraft(user: number, room: number): void {
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
