/** What was begun and not sent, kept across rooms and reloads. */
const key = (user: number, room: number) => `maru.draft.${user}.${room}`

export function readDraft(user: number, room: number): string {
  return localStorage.getItem(key(user, room)) ?? ''
}

export function keepDraft(user: number, room: number, text: string): void {
  try {
    if (text === '') localStorage.removeItem(key(user, room))
    else localStorage.setItem(key(user, room), text)
  } catch {
    // Storage is full: the text stays in the element.
  }
}

export function forgetDraft(user: number, room: number): void {
  localStorage.removeItem(key(user, room))
}
