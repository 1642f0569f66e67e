/** Every shortcut of the app in one table: what acts on it and what the sheet shows are the same. */

export type Act =
  | 'switcher'
  | 'search'
  | 'keys'
  | 'settings'
  | 'previous-room'
  | 'next-room'
  | 'previous-unread'
  | 'next-unread'
  | 'undo'

export interface Shortcut {
  act: Act
  /** By the key's place: the letter depends on the language the keyboard is in. */
  code: string
  /** Ctrl, or Cmd on a Mac. */
  ctrl?: boolean
  alt?: boolean
  shift?: boolean
  /** Not while somebody writes. */
  bare?: boolean
}

export const shortcuts: readonly Shortcut[] = [
  { act: 'switcher', code: 'KeyK', ctrl: true },
  { act: 'search', code: 'KeyF', ctrl: true, shift: true },
  { act: 'settings', code: 'Comma', ctrl: true },
  { act: 'previous-room', code: 'ArrowUp', alt: true },
  { act: 'next-room', code: 'ArrowDown', alt: true },
  { act: 'previous-unread', code: 'ArrowUp', alt: true, shift: true },
  { act: 'next-unread', code: 'ArrowDown', alt: true, shift: true },
  { act: 'undo', code: 'KeyZ', ctrl: true, bare: true },
  { act: 'keys', code: 'Slash', ctrl: true },
  { act: 'keys', code: 'Slash', shift: true, bare: true },
]

export type MessageAct =
  | 'react'
  | 'reply'
  | 'edit'
  | 'save'
  | 'pin'
  | 'unread'
  | 'forward'
  | 'copyText'
  | 'copyLink'
  | 'remove'
  | 'more'

interface MessageKey {
  act: MessageAct
  codes: readonly string[]
  shown: string
}

const letter = (act: MessageAct, shown: string): MessageKey => ({
  act,
  codes: [`Key${shown}`],
  shown,
})

/** What a letter does with the message that has the focus. */
export const messageKeys: readonly MessageKey[] = [
  letter('react', 'R'),
  letter('reply', 'T'),
  letter('edit', 'E'),
  letter('save', 'A'),
  letter('pin', 'P'),
  letter('unread', 'U'),
  letter('forward', 'F'),
  letter('copyText', 'C'),
  letter('copyLink', 'L'),
  // On a Mac the key above Enter.
  { act: 'remove', codes: ['Delete', 'Backspace'], shown: 'Delete' },
  letter('more', 'M'),
]

export interface Pressed {
  code: string
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
  shiftKey: boolean
}

/** What a key asks for; `writing` says that it goes into a text. */
export function actOf(key: Pressed, writing: boolean): Act | null {
  const ctrl = key.ctrlKey || key.metaKey
  const found = shortcuts.find(
    (one) =>
      one.code === key.code &&
      (one.ctrl ?? false) === ctrl &&
      (one.alt ?? false) === key.altKey &&
      (one.shift ?? false) === key.shiftKey &&
      !(writing && one.bare),
  )
  return found?.act ?? null
}

/** How a shortcut is written on this kind of keyboard. */
export function keysOf({ code, ctrl, alt, shift, bare }: Shortcut, mac: boolean): string[] {
  if (bare && !ctrl) return ['?']
  return [
    ...(ctrl ? [mac ? '⌘' : 'Ctrl'] : []),
    ...(alt ? [mac ? '⌥' : 'Alt'] : []),
    ...(shift ? [mac ? '⇧' : 'Shift'] : []),
    signs[code] ?? code.replace('Key', ''),
  ]
}

const signs: Record<string, string> = {
  ArrowUp: '↑',
  ArrowDown: '↓',
  Comma: ',',
  Slash: '/',
}

/** The room `step` further in the list; only those that wait, if asked for. It goes round. */
export function neighbour(
  rooms: readonly { id: number; unread: number }[],
  current: number | undefined,
  step: 1 | -1,
  unread: boolean,
): number | null {
  const at = rooms.findIndex((room) => room.id === current)
  const from = at < 0 && step < 0 ? 0 : at
  for (let n = 1; n <= rooms.length; n++) {
    const room = rooms[(from + step * n + rooms.length * 2) % rooms.length]
    if (room && room.id !== current && (!unread || room.unread > 0)) return room.id
  }
  return null
}
