/** Times to come that people mean when they say "later". */

export type Preset = 'in_an_hour' | 'this_evening' | 'tomorrow' | 'monday'

const MORNING = 9
const EVENING = 18

export function presets(now: Date): { name: Preset; when: Date }[] {
  const at = (days: number, hour: number) =>
    new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hour)
  const hour = new Date(Math.ceil((now.getTime() + 3_600_000) / 300_000) * 300_000)
  // From Sunday, tomorrow is Monday already.
  const toMonday = (8 - now.getDay()) % 7 || 7
  return [
    { name: 'in_an_hour' as const, when: hour },
    ...(now.getHours() < EVENING - 1
      ? [{ name: 'this_evening' as const, when: at(0, EVENING) }]
      : []),
    { name: 'tomorrow' as const, when: at(1, MORNING) },
    ...(toMonday > 1 ? [{ name: 'monday' as const, when: at(toMonday, MORNING) }] : []),
  ]
}

/** As a field for date and time has it, in the browser's own zone; an hour from now where none is given. */
export function localInput(at: Date | undefined, now: Date): string {
  const when = at ?? new Date(Math.ceil((now.getTime() + 3_600_000) / 300_000) * 300_000)
  const two = (n: number) => `${n}`.padStart(2, '0')
  const day = `${when.getFullYear()}-${two(when.getMonth() + 1)}-${two(when.getDate())}`
  return `${day}T${two(when.getHours())}:${two(when.getMinutes())}`
}
