/** Where an address begins and ends in a sentence, and what is shown of it. */
import type { Inline, Link, Shown, Text } from './markdown/tree'

/** Longer ones are not links. */
const LONGEST = 2_048

/** Letters of scripts that put no space between an address and the word that follows it. */
const cjk =
  /[\p{scx=Hang}\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{Extended_Pictographic}\p{RI}\p{Emoji_Modifier}]/u
const asciiWord = /[A-Za-z0-9]/
/** Punctuation that addresses are made of. */
const own = /[!#$%&'()*+,./:;=?@[\]_{}~-]/
const punctuation = /\p{P}/u
/** Blanks, signs such as arrows, and what has no ink. */
const nothing = /[\s\p{Cc}\p{Cs}\p{S}\p{DI}\u2800\ufff9-\ufffb]/u
const drawn = /[\p{Extended_Pictographic}\p{RI}\p{Emoji_Modifier}]/u
const trailing = /[.,;:!?*_~'&]$/
const closers: Record<string, string> = { ')': '(', ']': '[', '}': '{' }
const openers = '([{'

/**
 * Endings that follow a word without a space; other Korean behind Latin letters is of the address
 * where that goes on, as in `2024년/보고서`.
 */
const particle =
  /^(?:[은는이가을를의에와과도만로랑]|으로|에서|에는|에게|에도|에만|까지|부터|마다|처럼|보다|하고|이랑|이나|이며|이고|이란|라는|이라는|라고|이라고|입니다|이에요|예요|이다|에서는|으로는|로는|에서도|이야|인데|입니다만|이네요|네요|봐|보기|참고|참조|확인|및|또는|그리고)$/

const begin = /(?:https?:\/\/|mailto:|www\.)/iy
const mail = /[A-Za-z0-9](?:[A-Za-z0-9._%+-]{0,63})@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}/y

/** A link in a text: where it ends and where it leads. */
export interface Found {
  end: number
  href: string
}

/** The link that begins at `at`, or `null`. */
export function linkAt(text: string, at: number): Found | null {
  // An address does not begin within a Latin word, but right behind Korean, or where `_` opens.
  const before = text[at - 1]
  if (before !== undefined && /[A-Za-z0-9/@.+-]/.test(before)) return null
  if (before === '_' && /[A-Za-z0-9]_{1,3}$/.test(text.slice(Math.max(0, at - 4), at))) return null
  begin.lastIndex = at
  const scheme = begin.exec(text)?.[0].toLowerCase()
  if (scheme === undefined) return mailAt(text, at)
  if (scheme === 'mailto:') return mailAt(text, at + 7, at)
  const from = scheme === 'www.' ? at : at + scheme.length
  const end = endOf(text, from, before === "'")
  if (end <= from) return null
  const href = safeHref((scheme === 'www.' ? 'https://' : '') + text.slice(at, end))
  return href === null || (scheme === 'www.' && !/^www\.[^./]+\./i.test(text.slice(at, end)))
    ? null
    : { end, href }
}

function mailAt(text: string, from: number, at = from): Found | null {
  mail.lastIndex = from
  const found = mail.exec(text)?.[0]
  if (found === undefined) return null
  const end = from + found.length
  // `a@b.kr/c` and `a@b.krx한` are something else; `a@b.kr입니다` is an address and a word.
  if (/[A-Za-z0-9@_]/.test(text[end] ?? '')) return null
  return { end, href: `mailto:${text.slice(at === from ? at : from, end)}` }
}

/** The address in its safe, written-out form; `null` where it leads nowhere that a link may. */
export function safeHref(address: string): string | null {
  if (address.length > LONGEST || !/^(?:https?:\/\/|mailto:)/i.test(address)) return null
  try {
    const url = new URL(address)
    if (url.protocol === 'mailto:') return /^[^\s]+@[^\s]+$/.test(url.pathname) ? url.href : null
    return url.hostname === '' ? null : url.href
  } catch {
    return null
  }
}

/** Where the address that has its host at `from` ends. */
function endOf(text: string, from: number, quoted: boolean): number {
  const host = hostEnd(text, from)
  let end = host
  if (/[/?#]/.test(text[host] ?? '')) end = pathEnd(text, host, from, quoted)
  return trimmed(text, from, end)
}

/** Hosts: Hangul right behind a Latin label is the sentence's, a label of Hangul alone is not. */
function hostEnd(text: string, from: number): number {
  const most = Math.min(text.length, from + 255)
  let end = from
  if (text[from] === '[') {
    const closed = text.indexOf(']', from)
    if (closed > from && closed < most) end = closed + 1
  }
  let label = end
  let userEnd: number | undefined
  for (; end < most; end++) {
    const c = charAt(text, end)
    if (/[A-Za-z0-9-]/.test(c)) continue
    if (c === '.' || c === '@' || c === ':' || c === '%') {
      label = end + 1
      continue
    }
    if (/[/?#]/.test(c) || ends(c)) break
    if (!/[\p{L}\p{N}\p{M}]/u.test(c)) {
      if (c === '_' && /[A-Za-z0-9_]/.test(text[end + 1] ?? '')) continue
      if (/[_~!$&'*+,;=]/.test(c) && end < (userEnd ??= userinfoEnd(text, end))) continue
      break
    }
    if (cjk.test(c)) {
      const run = runEnd(text, end)
      const latin = asciiWord.test(text[end > label ? label : end - 2] ?? '')
      const goesOn = /^\.[A-Za-z]/.test(text.slice(run, run + 2))
      if (end > label && latin) {
        // Behind a Latin label: part of it only where there is no whole host without it.
        if (!goesOn || text.slice(from, end).includes('.')) break
      } else if (text[end - 1] === '.' && text.slice(end, run).startsWith('한국')) {
        return end + 2
      } else if (end > from && latin && !goesOn) {
        // Behind a dot the next sentence begins.
        break
      }
      end = run - 1
      continue
    }
    if (c.length === 2) end += 1
  }
  return end
}

/** Where the user's name ends that the host's part begins with: at the `@` in the same word. */
function userinfoEnd(text: string, at: number): number {
  for (let i = at; i < text.length && i < at + 255; i++) {
    const c = text[i] ?? ''
    if (c === '@') return i
    if (/[/?#]/.test(c) || ends(c)) break
  }
  return -1
}

function pathEnd(text: string, at: number, from: number, quoted: boolean): number {
  const open: { mark: string; at: number }[] = []
  const most = Math.min(text.length, from + LONGEST)
  let segment = at
  let isValue = false
  let end = at
  while (end < most) {
    const c = charAt(text, end)
    const before = text[end - 1] ?? ''
    // A sign alone may be a value, as in `?utf8=✓&q=a`.
    const isTick = isValue && before === '=' && /[\p{Sm}\p{So}]/u.test(c)
    if (ends(c) && !isTick) break
    // A quotation mark that closes, not one within a word.
    if (c === "'" && (quoted || cjk.test(charAt(text, end + 1)))) break
    // Two addresses in a row.
    if (/[,;]/.test(c) && /^(?:https?:\/\/|www\.)/i.test(text.slice(end + 1, end + 9))) break
    if (cjk.test(c)) {
      const run = runEnd(text, end)
      if (!ownsRun(text, { segment, at: end, run, before })) break
      end = run
      continue
    }
    if (openers.includes(c)) open.push({ mark: c, at: end })
    else if (c in closers) {
      if (open.at(-1)?.mark !== closers[c]) break
      open.pop()
      // Behind brackets that are closed a word is the sentence's.
      if (cjk.test(charAt(text, end + 1))) return end + 1
    }
    if (/[?#]/.test(c)) isValue = false
    if (/[/?&#]/.test(c) || (c === '=' && !isValue)) segment = end + 1
    // The second one of a parameter fills up its value.
    if (/[&=]/.test(c)) isValue = c === '='
    end += c.length
  }
  const unclosed = open[0]
  return unclosed ? Math.min(end, unclosed.at) : end
}

interface Run {
  /** Where the part of the path begins that the run stands in. */
  segment: number
  at: number
  run: number
  before: string
}

/** Whether a run of Korean belongs to the address. */
function ownsRun(text: string, { segment, at, run, before }: Run): boolean {
  // `…/a?그리고`: a question, unless a value follows.
  if (at === segment) return before !== '?' || text[run] === '='
  const native = cjk.test(charAt(text, segment))
  if (asciiWord.test(before)) {
    // Only an end is the sentence's, as in `보고서v2최종.pdf`.
    const next = text.slice(run, run + 2)
    if (native) return /^[./_-][A-Za-z0-9\p{L}]/u.test(next)
    return /^(?:\.[A-Za-z0-9]|[/_-][\p{L}\p{N}])/u.test(next) && !particle.test(text.slice(at, run))
  }
  if (/[.:]/.test(before)) return native
  // Marks that close what is bold or struck out, signs that close a sentence, and ends of a code.
  if (/[*~,;!%]/.test(before) || /^(?:__|\+\+|.=)$/.test(text.slice(at - 2, at))) return false
  if (before === '(') return native || !asciiWord.test(text[at - 2] ?? '')
  return true
}

function runEnd(text: string, at: number): number {
  let end = at
  let isDrawn = false
  while (end < text.length) {
    const c = charAt(text, end)
    // Pictures are joined and coloured by characters that are not seen.
    const joins: boolean = isDrawn && (c === '\u200d' || c === '\ufe0f')
    if (!joins && (ends(c) || !(cjk.test(c) || /\p{M}/u.test(c)))) break
    isDrawn = joins || drawn.test(c)
    end += c.length
  }
  return end
}

/** Ends an address wherever it stands. */
function ends(c: string): boolean {
  if (own.test(c)) return false
  return punctuation.test(c) || (nothing.test(c) && !drawn.test(c))
}

/** Without what closes the sentence. */
function trimmed(text: string, from: number, end: number): number {
  let to = end
  while (to > from) {
    const c = text[to - 1] ?? ''
    if (!trailing.test(c) && !openers.includes(c)) break
    to -= 1
  }
  return to
}

function charAt(text: string, at: number): string {
  const code = text.codePointAt(at)
  return code === undefined ? '' : String.fromCodePoint(code)
}

/** Labels that nobody takes for another one: Latin letters, Hangul, or Han and Kana among themselves. */
const plain =
  /^(?:[a-z0-9-]+|[a-z0-9-]*[가-힣]+[가-힣a-z0-9-]*|[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}-]{2,})$/u
/** Strokes that pass for a slash, a dash or a dot. */
const strokes = /[\u30ce\u30f3\u30bd\u4e00\u4e36\u4e3f\u4e8c\u30fc\u30d8\u30fd\u30fe]/

/** What is shown of an address that stands in the text: a host that could deceive as punycode. */
export function shownAddress(
  text: string,
  start: number,
  end: number,
  href: string,
): { children: Inline[]; warn?: string } {
  const whole: Text = { type: 'text', start, end }
  if (href.startsWith('mailto:')) return { children: [whole] }
  const { hostname, username, password, host } = new URL(href)
  const from = start + (/^https?:\/\//i.exec(text.slice(start, start + 8))?.[0].length ?? 0)
  const rest = text.slice(from, end)
  const authority = from + (/[/?#]/.exec(rest)?.index ?? rest.length)
  const at = text.slice(from, authority).lastIndexOf('@')
  const hostStart = at < 0 ? from : from + at + 1
  const warn = username !== '' || password !== '' || at >= 0 ? { warn: host } : {}
  const written = /^[^:]*/.exec(text.slice(hostStart, authority))?.[0] ?? ''
  if (isPlainHost(written) || written.startsWith('[')) return { children: [whole], ...warn }
  const shown: Shown = {
    type: 'shown',
    start: hostStart,
    end: hostStart + written.length,
    as: hostname,
    kind: 'host',
  }
  const children: Inline[] = [shown]
  if (start < hostStart) children.unshift({ type: 'text', start, end: hostStart })
  if (shown.end < end) children.push({ type: 'text', start: shown.end, end })
  return { children, ...warn }
}

function isPlainHost(host: string): boolean {
  return host
    .toLowerCase()
    .normalize('NFC')
    .split('.')
    .every((label) => label === '' || (plain.test(label) && !strokes.test(label)))
}

/** A link under a text of its own: where it leads, if the text names another place. */
export function maskedHost(label: string, href: string): string | undefined {
  const url = new URL(href)
  const { host } = url
  if (href.startsWith('mailto:')) return undefined
  if (url.username !== '' || host.includes('xn--')) return host
  const named = /(?:https?:\/\/)?((?:[\p{L}\p{N}-]+\.)+\p{L}{2,})/iu.exec(label)?.[1]
  if (named === undefined) return undefined
  const same = named.toLowerCase().replace(/^www\./, '')
  const real = host.replace(/^www\./, '').replace(/:\d+$/, '')
  return real === same || real.endsWith(`.${same}`) ? undefined : host
}

/** A link that stands in the text as an address. */
export function bareLink(text: string, start: number, found: Found, shift: number): Link {
  const { children, warn } = shownAddress(text, start, found.end, found.href)
  for (const child of children) {
    child.start += shift
    child.end += shift
  }
  return {
    type: 'link',
    start: start + shift,
    end: found.end + shift,
    href: found.href,
    ...(warn === undefined ? {} : { warn }),
    children,
  }
}
