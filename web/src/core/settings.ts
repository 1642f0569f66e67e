/** How somebody wants the app: one plain object, read leniently, changed by parts. */

export const choices = {
  theme: ['system', 'light', 'dark', 'contrast'],
  density: ['comfortable', 'compact'],
  text_size: ['small', 'medium', 'large', 'largest'],
  language: ['system', 'ko', 'en'],
  /** What Enter does in a message; the other is Ctrl, Cmd or Shift with Enter. */
  enter: ['send', 'newline'],
} as const

export type Settings = { [K in keyof typeof choices]: (typeof choices)[K][number] }

export const defaults: Settings = {
  theme: 'system',
  density: 'comfortable',
  text_size: 'medium',
  language: 'system',
  enter: 'send',
}

/** What another version or device wrote: unknown names and values give way to the defaults. */
export function readSettings(kept: unknown): Settings {
  const source = typeof kept === 'object' && kept !== null ? (kept as Record<string, unknown>) : {}
  const known = Object.entries(choices).filter(([name, values]) =>
    (values as readonly unknown[]).includes(source[name]),
  )
  return { ...defaults, ...Object.fromEntries(known.map(([name]) => [name, source[name]])) }
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
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** The same settings again are no news. */
  private take(next: Settings): void {
    const names = Object.keys(next) as (keyof Settings)[]
    if (names.every((name) => next[name] === this.current[name])) return
    this.current = next
    for (const listener of [...this.listeners]) listener()
  }
}
