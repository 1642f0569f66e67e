/** Which ranges of a text name people. */
import { CALLS } from '../calls'
import type { Mention } from './tree'

export interface Range {
  start: number
  end: number
  user_id: number
}

/** As the message says; where it says nothing of ranges, `@` with one of the names. */
export function mentionsIn(
  text: string,
  names: readonly string[],
  ranges: readonly Range[] = [],
  calls: unknown = null,
): Mention[] {
  const people = peopleIn(text, names, ranges)
  if (calls == null) return people
  const taken = (at: number) => people.some(({ start, end }) => at >= start && at < end)
  const everybody = [...text.matchAll(CALLS)]
    .filter(({ index }) => !taken(index))
    .map(({ index, 0: found }): Mention => {
      return { type: 'mention', start: index, end: index + found.length, everybody: true }
    })
  return [...people, ...everybody].sort((a, b) => a.start - b.start)
}

function peopleIn(text: string, names: readonly string[], ranges: readonly Range[]): Mention[] {
  if (ranges.length > 0) {
    return ranges.map(({ start, end, user_id }) => ({ type: 'mention', start, end, user: user_id }))
  }
  const wanted = names.filter((name) => name !== '').sort((a, b) => b.length - a.length)
  if (wanted.length === 0) return []
  const pattern = new RegExp(`@(?:${wanted.map(escaped).join('|')})`, 'giu')
  return [...text.matchAll(pattern)].map(({ index, 0: found }) => ({
    type: 'mention',
    start: index,
    end: index + found.length,
  }))
}

function escaped(name: string): string {
  return name.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}
