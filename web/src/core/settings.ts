/** How somebody wants the app: one plain object, read leniently, changed by parts. */

export const choices = {
  theme: ['system', 'light', 'dark', 'contrast'],
  density: ['comfortable', 'compact'],
  text_size: ['small', 'medium', 'large', 'largest'],
  language: ['system', 'ko', 'en'],
  /** What Enter does in a message; the other is Ctrl, Cmd or Shift with Enter. */
  enter: ['send', 'newline'],
  /** What one is told of, at most; a room may be quieter. */
  notify: ['all', 'mentions', 'none'],
  /** Only where nobody sits before the app, or always but for the room that is being read. */
  notify_when: ['away', 'always'],
  /** Whether what was said stands in a notification. */
  notify_text: ['show', 'hide'],
  sound: ['off', 'on'],
  quiet: ['off', 'on'],
} as const

/** Times of the day, as `HH:MM`. */
const times = { quiet_from: '22:00', quiet_to: '08:00' }

export type Settings = { [K in keyof typeof choices]: (typeof choices)[K][number] } & {
  [K in keyof typeof times]: string
}

export const defaults: Settings = {
  theme: 'system',
  density: 'comfortable',
  text_size: 'medium',
  language: 'system',
  enter: 'send',
  notify: 'all',
  notify_when: 'away',
  notify_text: 'show',
  sound: 'off',
  quiet: 'off',
  ...times,
}

/** What another version or device wrote: unknown names and values give way to the defaults. */
export function readSettings(kept: unknown): Settings {
  const source = typeof kept === 'object' && kept !== null ? (kept as Record<string, unknown>) : {}
  const known = Object.entries(choices).filter(([name, values]) =>
    (values as readonly unknown[]).includes(source[name]),
  )
  const set = Object.keys(times).filter((name) => isTime(source[name]))
  return {
    ...defaults,
    ...Object.fromEntries(known.map(([name]) => [name, source[name]])),
    ...Object.fromEntries(set.map((name) => [name, source[name]])),
  }
}

const isTime = (value: unknown): boolean =>
  typeof value === 'string' && /^([01]\d|2[0-3]):[0-5]\d$/.test(value)

/** Whether it is a time of the day at which nobody wants to be told of anything. */
export function isQuiet({ quiet, quiet_from, quiet_to }: Settings, now: Date): boolean {
  if (quiet === 'off') return false
  const two = (n: number) => String(n).padStart(2, '0')
  const clock = `${two(now.getHours())}:${two(now.getMinutes())}`
  return quiet_from <= quiet_to
    ? quiet_from <= clock && clock < quiet_to
    : clock >= quiet_from || clock < quiet_to
}

/** Where settings are kept. It may tell of changes that were made elsewhere. */
export interface Keeper {
  read: () => unknown
  write: (settings: Settings, change: Partial<Settings>) => void
  watch: (changed: () => void) => void
}

export class SettingsStore {
  private current: Settings
  private readonly listeners = new Set<() => void>()
  /** Hears what the reader changes here. */
  onSet: ((change: Partial<Settings>) => void) | undefined

  constructor(private keeper: Keeper) {
    this.current = readSettings(keeper.read())
    keeper.watch(() => this.take(readSettings(keeper.read())))
  }

  get value(): Settings {
    return this.current
  }

  set(change: Partial<Settings>): void {
    const next = { ...this.current, ...change }
    this.keeper.write(next, change)
    this.take(next)
    this.onSet?.(change)
  }

  /** What the server keeps; of what it does not know, what is here stays. */
  learn(kept: Record<string, unknown>): void {
    const next = readSettings({ ...this.current, ...kept })
    if (this.take(next)) this.keeper.write(next, {})
  }

  /** Nothing is left of whoever used this browser. */
  forget(): void {
    this.take(defaults)
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** The same settings again are no news. */
  private take(next: Settings): boolean {
    const names = Object.keys(next) as (keyof Settings)[]
    if (names.every((name) => next[name] === this.current[name])) return false
    this.current = next
    for (const listener of [...this.listeners]) listener()
    return true
  }
}
