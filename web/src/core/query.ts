/**
 * What is searched for, as one line: words, and filters such as `from:kim in:"큰 방" before:2026-01-02`.
 * The line is the whole truth: the address keeps it, the chips are read from it.
 */

export const filterKeys = ['from', 'in', 'after', 'before', 'has', 'sort'] as const
export type FilterKey = (typeof filterKeys)[number]

export interface Filter {
  key: FilterKey
  value: string
}

export interface Line {
  words: string
  filters: Filter[]
}

/** The same keys as Koreans write them. */
const korean: Record<string, FilterKey> = {
  사람: 'from',
  쓴이: 'from',
  방: 'in',
  부터: 'after',
  까지: 'before',
  있는것: 'has',
}

const token = /(?<=^|\s)(\p{L}+):(?:"([^"]*)"|(\S+))(?=\s|$)/gu
const day = /^\d{4}-\d{2}-\d{2}$/
export const things = ['link', 'file', 'reaction', 'pin'] as const

/** Reads a line. What looks like a filter and is none stays a word. */
export function parse(line: string): Line {
  const filters: Filter[] = []
  const words = line.normalize('NFC').replace(token, (all, name: string, quoted, bare) => {
    const key = korean[name] ?? filterKeys.find((one) => one === name.toLowerCase())
    const value = String(quoted ?? bare ?? '')
    if (!key || !allowed(key, value)) return all
    filters.push({ key, value })
    return ''
  })
  return { words: words.replace(/\s+/g, ' ').trim(), filters: unique(filters) }
}

export function format({ words, filters }: Line): string {
  const all = filters.map(
    ({ key, value }) => `${key}:${/[\s"]/.test(value) ? `"${value}"` : value}`,
  )
  return [words.trim(), ...all].filter((part) => part !== '').join(' ')
}

/** With this filter instead of another of its key; an empty value takes it away. */
export function withFilter(line: Line, key: FilterKey, value: string): Line {
  const rest = line.filters.filter((one) => one.key !== key)
  return { ...line, filters: value === '' ? rest : [...rest, { key, value }] }
}

export function filterOf(line: Line, key: FilterKey): string | undefined {
  return line.filters.find((one) => one.key === key)?.value
}

function allowed(key: FilterKey, value: string): boolean {
  if (value === '') return false
  if (key === 'after' || key === 'before') return day.test(value) && !isNaN(Date.parse(value))
  if (key === 'has') return (things as readonly string[]).includes(value)
  return key !== 'sort' || value === 'newest'
}

/** The last one of a key counts. */
function unique(filters: Filter[]): Filter[] {
  return filters.filter(({ key }, at) => !filters.slice(at + 1).some((next) => next.key === key))
}

/** A filter that is being typed at the end of the text: its key and what there is of its value. */
export function typing(text: string): Filter | null {
  const found = /(?:^|\s)(\p{L}+):"?([^\s"]*)$/u.exec(text.normalize('NFC'))
  const key = found?.[1] && (korean[found[1]] ?? filterKeys.find((one) => one === found[1]))
  return key ? { key, value: found[2] ?? '' } : null
}

/** The text without the filter that is being typed at its end. */
export function withoutTyping(text: string): string {
  return text.replace(/(?:^|\s)\p{L}+:"?[^\s"]*$/u, '').trim()
}

/** The local midnight that begins a day, or the one `days` later. */
export function midnight(date: string, days: number): string | undefined {
  const [year, month, at] = date.split('-').map(Number)
  if (!year || !month || !at) return undefined
  return new Date(year, month - 1, at + days).toISOString()
}

/** Ways out of a search that found nothing, each less strict: without quotes, without the last word. */
export function looser({ words, filters }: Line): Line[] {
  const plain = words
    .replace(/["“”]|(?<=^|\s)-\S+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  const parts = plain.split(' ')
  const ways = [
    ...(plain !== words && plain !== '' ? [plain] : []),
    ...(parts.length > 1 ? [parts.slice(0, -1).join(' ')] : []),
  ]
  return ways.map((less) => ({ words: less, filters }))
}
