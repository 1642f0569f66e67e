/** Until when a status counts. */

export type Until = 'never' | 'half_hour' | 'hour' | 'hours' | 'today' | 'week'

const minutes: Partial<Record<Until, number>> = { half_hour: 30, hour: 60, hours: 240 }

export function untilOf(until: Until, now: Date): Date | undefined {
  if (until === 'never') return undefined
  const length = minutes[until]
  if (length !== undefined) return new Date(now.getTime() + length * 60_000)
  // A week ends with its Sunday.
  const days = until === 'today' ? 1 : ((7 - now.getDay()) % 7) + 1
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days)
}
