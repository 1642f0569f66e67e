/** Which ranges of a text name people. */
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
): Mention[] {
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
