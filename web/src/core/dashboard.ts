/** Figures of days as charts and sentences; pure. */
import { dayKey } from './time'

/** As `GET /admin/stats` answers. */
export interface Figures {
  from: string
  to: string
  totals: {
    users: number
    messages: number
    active_1d: number
    active_7d: number
    active_30d: number
  }
  days: { date: string; messages: number; active: number; searches: number }[]
  /** By day of the week (Monday first) and hour. */
  hours: number[][]
  rooms: { room_id: number | null; name: string | null; messages: number }[]
  words: { word: string; count: number; before: number }[]
  searches: {
    total: number
    without_result: number
    questions: { q: string; count: number }[]
  }
  /** Of the node that answers. */
  speed: { latency: Took; delivery: Took; rows: SpeedRow[] }
  storage: { log_bytes: number; events_bytes: number; files_bytes: number }
}

/** How long something took; absent where there was nothing. */
export interface Took {
  count: number
  p50_ms?: number
  p95_ms?: number
  p99_ms?: number
}

/** An hour by its beginning, or a day by its date. */
export interface SpeedRow {
  at: string
  latency: Took
  delivery: Took
}

export interface Range {
  from: string
  to: string
}

const DAY_MS = 86_400_000

/** The last so many days, today with them, by the server's calendar. */
export function lastDays(count: number, now: Date, zone = 'Asia/Seoul'): Range {
  return {
    from: dayKey(new Date(now.getTime() - (count - 1) * DAY_MS).toISOString(), zone),
    to: dayKey(now.toISOString(), zone),
  }
}

export interface Bar {
  /** The first day of several. */
  date: string
  until: string
  value: number
}

/** No more bars than can be told apart: days are put together, evenly. */
export function bars(
  days: readonly { date: string }[],
  values: readonly number[],
  most: number,
  together: 'sum' | 'most',
): Bar[] {
  const size = Math.max(1, Math.ceil(days.length / most))
  const out: Bar[] = []
  for (let at = 0; at < days.length; at += size) {
    const part = values.slice(at, at + size)
    const date = days[at]?.date ?? ''
    out.push({
      date,
      until: days[Math.min(at + size, days.length) - 1]?.date ?? date,
      value:
        together === 'sum' ? part.reduce((sum, value) => sum + value, 0) : Math.max(0, ...part),
    })
  }
  return out
}

/** The round number that an axis ends with. */
export function ceiling(most: number): number {
  if (most <= 4) return 4
  const power = 10 ** Math.floor(Math.log10(most))
  const step = [1, 2, 4, 5, 10].find((step) => step * power >= most) ?? 10
  return step * power
}

/** How much more than before, in percent; `null` where there was nothing before. */
export function trend(count: number, before: number): number | null {
  return before === 0 ? null : Math.round(((count - before) / before) * 100)
}

/** From 0 (nothing) to 5 (the most), by the root: few are told from none. */
export function heat(value: number, most: number): number {
  return value === 0 || most === 0 ? 0 : Math.max(1, Math.ceil(Math.sqrt(value / most) * 5))
}
