/** Dates and times as people read them, in the given time zone (the browser's unless told). */

export type Language = 'ko' | 'en'

interface Parts {
  year: number
  month: number
  day: number
  weekday: number
  hour: number
  minute: number
}

const weekdays = ['일', '월', '화', '수', '목', '금', '토']
const formats = new Map<string, Intl.DateTimeFormat>()

function format(zone: string): Intl.DateTimeFormat {
  let found = formats.get(zone)
  if (!found) {
    found = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      hourCycle: 'h23',
    })
    formats.set(zone, found)
  }
  return found
}

/** In the browser's own zone by its getters: `Intl` takes twenty times as long for the same. */
function parts(at: Date, zone: string | undefined): Parts {
  if (zone === undefined) {
    return {
      year: at.getFullYear(),
      month: at.getMonth() + 1,
      day: at.getDate(),
      weekday: at.getDay(),
      hour: at.getHours(),
      minute: at.getMinutes(),
    }
  }
  const map = Object.fromEntries(
    format(zone)
      .formatToParts(at)
      .map((p) => [p.type, Number(p.value)]),
  )
  const [year = 0, month = 1, day = 1] = [map.year, map.month, map.day]
  return {
    year,
    month,
    day,
    weekday: new Date(Date.UTC(year, month - 1, day)).getUTCDay(),
    hour: map.hour ?? 0,
    minute: map.minute ?? 0,
  }
}

/** `2026-10-07` in the zone: equal for two instants exactly when they share a day. */
export function dayKey(at: string, zone?: string): string {
  const p = parts(new Date(at), zone)
  return `${p.year}-${String(p.month).padStart(2, '0')}-${String(p.day).padStart(2, '0')}`
}

/** When the next day begins in the browser's zone. */
export function nextMidnight(now: Date): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1)
}

/** `오후 3:05` or `3:05 PM`. */
export function clock(at: string, language: Language, zone?: string): string {
  const { hour, minute } = parts(new Date(at), zone)
  const time = `${hour % 12 || 12}:${String(minute).padStart(2, '0')}`
  if (language === 'ko') return `${hour < 12 ? '오전' : '오후'} ${time}`
  return `${time} ${hour < 12 ? 'AM' : 'PM'}`
}

/** `10월 7일 (수)`, with the year when it is not this one. */
export function day(at: string, language: Language, now: Date, zone?: string): string {
  const p = parts(new Date(at), zone)
  const sameYear = p.year === parts(now, zone).year
  if (language === 'ko') {
    return `${sameYear ? '' : `${p.year}년 `}${p.month}월 ${p.day}일 (${weekdays[p.weekday] ?? ''})`
  }
  return new Date(Date.UTC(p.year, p.month - 1, p.day)).toLocaleDateString('en-US', {
    timeZone: 'UTC',
    weekday: 'short',
    month: 'short',
    day: 'numeric',
    ...(sameYear ? {} : { year: 'numeric' }),
  })
}

/** `10월 7일 (수) 오후 3:05`. */
export function dayAndClock(at: string, language: Language, now: Date, zone?: string): string {
  return `${day(at, language, now, zone)} ${clock(at, language, zone)}`
}

/** For lists: the time today, the date before. */
export function brief(at: string, language: Language, now: Date, zone?: string): string {
  if (dayKey(at, zone) === dayKey(now.toISOString(), zone)) return clock(at, language, zone)
  const p = parts(new Date(at), zone)
  const sameYear = p.year === parts(now, zone).year
  if (language === 'ko')
    return sameYear ? `${p.month}월 ${p.day}일` : `${p.year}. ${p.month}. ${p.day}.`
  return day(at, language, now, zone)
}
