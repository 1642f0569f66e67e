/** Figures that come each second, as rates and as a line to be drawn. */

/** What the server tells administrators of itself; more may be in it. */
export interface Stats {
  version: string
  uptime_s: number
  connections: number
  users_online: number
  commands_per_s: number
  messages_in: number
  messages_out: number
  bytes_out: number
  log_bytes: number
  memory_bytes: number
  policy_reports: number
  trouble: string | null
}

/** Two minutes. */
export const KEPT = 120

export function kept(all: readonly Stats[], next: Stats): Stats[] {
  // A server that began anew counts from nothing.
  const before = all.at(-1)
  const fresh = before && next.uptime_s < before.uptime_s
  return fresh ? [next] : [...all, next].slice(-KEPT)
}

/** A count that grows, as how much it grew from one to the next. */
export function growth(counts: readonly number[]): number[] {
  return counts.slice(1).map((count, n) => Math.max(0, count - (counts[n] ?? count)))
}

/** A path through the values in a box of 100 × 24, the newest at the right edge. */
export function line(values: readonly number[], most = KEPT): string {
  const top = Math.max(1, ...values)
  const step = 100 / Math.max(1, most - 1)
  const x = (n: number) => 100 - (values.length - 1 - n) * step
  const y = (value: number) => 23 - (value / top) * 22
  const round = (n: number) => Math.round(n * 10) / 10
  return values
    .map((value, n) => `${n === 0 ? 'M' : 'L'}${round(x(n))} ${round(y(value))}`)
    .join('')
}

/** `1.5 GB`, with the language's own decimal sign. */
export function bytes(count: number, language: string): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, count)) / 3))
  const value = count / 1000 ** power
  const digits = value < 10 && power > 0 ? 1 : 0
  return `${value.toLocaleString(language, { maximumFractionDigits: digits })} ${units[power]}`
}

/** Days, hours and minutes, as much of it as matters. */
export function duration(seconds: number, language: string): string {
  const parts = (
    [
      ['day', Math.floor(seconds / 86_400)],
      ['hour', Math.floor((seconds % 86_400) / 3_600)],
      ['minute', Math.floor((seconds % 3_600) / 60)],
    ] as const
  ).filter(([, count]) => count > 0)
  const shown =
    parts.length === 0 ? ([['second', Math.floor(seconds)]] as const) : parts.slice(0, 2)
  return shown
    .map(([unit, count]) =>
      new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(count),
    )
    .join(' ')
}
