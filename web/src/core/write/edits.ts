/** What the toolbar and the keys do to a text: as values, so that the field does them and can undo. */

export interface Selected {
  text: string
  start: number
  end: number
}

/** Replaces `from` to `to` by `text`, and selects then. */
export interface Edit {
  from: number
  to: number
  text: string
  start: number
  end: number
}

export type Mark = '**' | '_' | '~~' | '`' | '||'

/** Puts marks around what is selected, or takes them away. */
export function toggleMark({ text, start, end }: Selected, mark: Mark): Edit {
  // Blanks at the edges stay outside: next to them marks are only text.
  const chosen = text.slice(start, end)
  const from = start + (chosen.length - chosen.trimStart().length)
  const to = Math.max(from, end - (chosen.length - chosen.trimEnd().length))
  const inner = text.slice(from, to)
  const { length } = mark
  if (inner.length >= 2 * length && inner.startsWith(mark) && inner.endsWith(mark)) {
    const bare = inner.slice(length, -length)
    return { from, to, text: bare, start: from, end: from + bare.length }
  }
  const around = text.slice(from - length, from) === mark && text.slice(to, to + length) === mark
  // `**` is not `*` twice.
  const longer = mark.length === 1 && text[from - 2] === mark
  if (from >= length && around && !longer) {
    const [outer, until] = [from - length, to + length]
    return { from: outer, to: until, text: inner, start: outer, end: outer + inner.length }
  }
  // Behind what was marked, the same key ends it.
  if (start === end && text.slice(start, start + length) === mark && isOpen(text, start, mark)) {
    return {
      from: start,
      to: start + length,
      text: mark,
      start: start + length,
      end: start + length,
    }
  }
  if (mark === '`' && inner.includes('\n')) return fenced(text, from, to)
  return {
    from,
    to,
    text: `${mark}${inner}${mark}`,
    start: from + length,
    end: from + length + inner.length,
  }
}

/** Whether a mark was set before this place in its line, and not ended. */
function isOpen(text: string, at: number, mark: Mark): boolean {
  const line = text.slice(text.lastIndexOf('\n', at - 1) + 1, at)
  return line.split(mark).length % 2 === 0
}

function fenced(text: string, from: number, to: number): Edit {
  const before = from === 0 || text[from - 1] === '\n' ? '' : '\n'
  const after = to === text.length || text[to] === '\n' ? '' : '\n'
  const inner = text.slice(from, to)
  const start = from + before.length + 4
  return {
    from,
    to,
    text: `${before}\`\`\`\n${inner}\n\`\`\`${after}`,
    start,
    end: start + inner.length,
  }
}

/** Makes what is selected the label of a link, or the address of one. */
export function toggleLink({ text, start, end }: Selected, address?: string): Edit {
  const chosen = text.slice(start, end)
  const isAddress = /^(?:https?:\/\/|mailto:)\S+$/i.test(chosen)
  if (isAddress) {
    return { from: start, to: end, text: `[](${chosen})`, start: start + 1, end: start + 1 }
  }
  const to = address ?? 'https://'
  const linked = `[${chosen}](${to})`
  const at = start + chosen.length + 3
  return chosen === ''
    ? { from: start, to: end, text: linked, start: start + 1, end: start + 1 }
    : address === undefined
      ? { from: start, to: end, text: linked, start: at, end: at + to.length }
      : {
          from: start,
          to: end,
          text: linked,
          start: start + linked.length,
          end: start + linked.length,
        }
}

export type Lines = 'quote' | 'list' | 'numbers'

const signs: Record<Lines, RegExp> = {
  quote: /^> ?/,
  list: /^[-*+] /,
  numbers: /^\d{1,3}[.)] /,
}

/** Puts the sign before each line of the selection, or takes it away where all have it. */
export function toggleLines({ text, start, end }: Selected, kind: Lines): Edit {
  const from = text.lastIndexOf('\n', start - 1) + 1
  const found = text.indexOf('\n', Math.max(end > start ? end - 1 : end, from))
  const to = found < 0 ? text.length : found
  const lines = text.slice(from, to).split('\n')
  const filled = lines.filter((line) => line.trim() !== '')
  const all = filled.length > 0 && filled.every((line) => signs[kind].test(line))
  let number = 0
  const next = lines.map((line) => {
    if (all) return line.replace(signs[kind], '')
    if (line.trim() === '' && lines.length > 1) return line
    const bare = line.replace(signs.list, '').replace(signs.numbers, '')
    if (kind === 'quote') return `> ${line}`
    number += 1
    return kind === 'list' ? `- ${bare}` : `${number}. ${bare}`
  })
  const body = next.join('\n')
  const moved = (next[0]?.length ?? 0) - (lines[0]?.length ?? 0)
  return start === end
    ? {
        from,
        to,
        text: body,
        start: Math.max(from, start + moved),
        end: Math.max(from, start + moved),
      }
    : { from, to, text: body, start: from, end: from + body.length }
}

const listed = /^(\s*)(?:([-*+] (?:\[[ xX]\] )?)|(\d{1,3})([.)] )|(> ?))/

/**
 * A new line behind the caret: a list goes on with its next sign, and ends with an empty one.
 * `null` where a line break is only a line break.
 */
export function breakLine({ text, start, end }: Selected): Edit | null {
  const from = text.lastIndexOf('\n', start - 1) + 1
  const line = text.slice(from, start)
  const found = listed.exec(line)
  if (!found || isFenced(text, from)) return null
  const [sign, indent = '', bullet, number, close = '', quote] = found
  const stop = text.indexOf('\n', start)
  const rest = text.slice(start, stop < 0 ? text.length : stop)
  if (line.length === sign.length && rest.trim() === '' && start === end) {
    return { from, to: start, text: '', start: from, end: from }
  }
  const next =
    bullet !== undefined
      ? bullet.replace(/\[[xX]\]/, '[ ]')
      : number !== undefined
        ? `${Number(number) + 1}${close}`
        : (quote ?? '')
  const inserted = `\n${indent}${next}`
  const at = start + inserted.length
  return { from: start, to: end, text: inserted, start: at, end: at }
}

/** Within code, signs are code. */
function isFenced(text: string, at: number): boolean {
  return (text.slice(0, at).match(/^[ \t]*```/gm)?.length ?? 0) % 2 === 1
}

export function applied(text: string, edit: Edit): string {
  return text.slice(0, edit.from) + edit.text + text.slice(edit.to)
}
