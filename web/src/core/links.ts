/** Where an address begins and ends in a sentence, and what is shown of it. */
import type { Inline, Link, Shown, Text } from './markdown/tree'

/** Longer ones are not links. */
const LONGEST = 2_048

/** Letters of scripts that put no space between an address and the word that follows it. */
const cjk = /[\p{scx=Hang}\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{Extended_Pictographic}]/u
const asciiWord = /[A-Za-z0-9]/
/**
 * Ends an address wherever it stands: blanks, quotes, what controls the direction or is not seen,
 * and the punctuation of Chinese, Japanese and Korean, full width or not.
 */
const never =
  /[\s\p{Cc}\p{Cs}<>"`\\|^\u00ab\u00bb\u00b7\u061c\u200b-\u200f\u2010-\u201f\u2026-\u202e\u2060-\u206f\u3000-\u3004\u3006\u3008-\u3020\u3030\u303d\u30fb\ufeff\ufe10-\ufe6f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]/u
const trailing = /[.,;:!?*_~'&]$/
const closers: Record<string, string> = { ')': '(', ']': '[', '}': '{' }
const openers = '([{'

const begin = /(?:https?:\/\/|mailto:|www\.)/iy
const mail = /[A-Za-z0-9](?:[A-Za-z0-9._%+-]{0,63})@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}/y

/** A link in a text: where it ends and where it leads. */
export interface Found {
  end: number
  href: string
}

/** The link that begins at `at`, or `null`. */
export function linkAt(text: string, at: number): Found | null {
  // An address does not begin within a Latin word, but right behind Korean.
  const before = text[at - 1]
  if (before !== undefined && /[A-Za-z0-9_/@.+-]/.test(before)) return null
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
  for (; end < most; end++) {
    const c = charAt(text, end)
    if (/[A-Za-z0-9-]/.test(c)) continue
    if (c === '.' || c === '@' || c === ':' || c === '%') {
      label = end + 1
      continue
    }
    if (/[/?#]/.test(c) || never.test(c)) break
    if (!/[\p{L}\p{N}\p{M}]/u.test(c)) {
      if (/[_~!$&'*+,;=]/.test(c) && userinfo(text, end)) continue
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

/** Whether the host's part so far is a user's name: an `@` follows in the same word. */
function userinfo(text: string, at: number): boolean {
  for (let i = at; i < text.length && i < at + 255; i++) {
    const c = text[i] ?? ''
    if (c === '@') return true
    if (/[/?#]/.test(c) || never.test(c)) return false
  }
  return false
}

function pathEnd(text: string, at: number, from: number, quoted: boolean): number {
  const open: { mark: string; at: number }[] = []
  const most = Math.min(text.length, from + LONGEST)
  let segment = at
  let end = at
  while (end < most) {
    const c = charAt(text, end)
    if (never.test(c) || (quoted && c === "'")) break
    const before = text[end - 1] ?? ''
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
    if (/[/?&=#]/.test(c)) segment = end + 1
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
    // In a name that is Korean itself, as `보고서v2최종.pdf`, only an end is the sentence's.
    return native && /^[./_-][A-Za-z0-9\p{L}]/u.test(text.slice(run, run + 2))
  }
  // Marks that close what is bold or struck out, and signs that close a sentence.
  if (/[*~,;:!]/.test(before) || text.slice(at - 2, at) === '__') return false
  if (before === '.') return native
  if (before === '(') return native || !asciiWord.test(text[at - 2] ?? '')
  return true
}

function runEnd(text: string, at: number): number {
  let end = at
  while (end < text.length) {
    const c = charAt(text, end)
    if (never.test(c) || !(cjk.test(c) || /\p{M}/u.test(c))) break
    end += c.length
  }
  return end
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
