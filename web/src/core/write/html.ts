/**
 * Copied HTML as Markdown. The HTML is only read, letter by letter: nothing is made of it that a
 * browser could run, and nothing is asked of the browser.
 */

interface Tag {
  name: string
  close: boolean
  attributes: string
}

/** More than this is not looked at: a message is far shorter. */
const LONGEST = 100_000
const DEEPEST = 30

interface Node {
  name: string
  attributes: string
  children: (Node | string)[]
}

const empty = new Set('br hr img input meta link wbr col area base source embed track'.split(' '))
const skipped = new Set(
  'script style head title template noscript svg math iframe object'.split(' '),
)
const blocks = new Set(
  'p div section article header footer main aside h1 h2 h3 h4 h5 h6 ul ol li pre blockquote table tr figure dl dt dd details summary address form fieldset'.split(
    ' ',
  ),
)

/** The Markdown of a copied piece of HTML; `null` where the plain text says as much. */
export function toMarkdown(html: string): string | null {
  if (html.length > LONGEST) return null
  // Code editors copy colours: what they mean is plain text, or code.
  if (/<!--StartFragment-->\s*<div style="[^"]*(?:monospace|Consolas|Menlo)/i.test(html))
    return null
  const root = tree(html)
  const text = block(root)
    .replace(/\n{3,}/g, '\n\n')
    .replace(/[ \t]+\n/g, '\n')
    .trim()
  return text === '' || !formatted(root) ? null : text
}

const saying = new Set(
  'b strong i em s del strike code kbd samp pre a ul ol blockquote table h1 h2 h3 h4 h5 h6 hr'.split(
    ' ',
  ),
)

/** Whether anything in it says more than its words do. */
function formatted(node: Node): boolean {
  if (saying.has(node.name) && !(node.name === 'b' && isNormal(node))) return true
  if (styleMark(node) !== '') return true
  return node.children.some((child) => typeof child !== 'string' && formatted(child))
}

function tree(html: string): Node {
  const root: Node = { name: '', attributes: '', children: [] }
  const open: Node[] = [root]
  const lower = html.toLowerCase()
  let at = 0
  while (at < html.length) {
    const top = open.at(-1) ?? root
    const next = html.indexOf('<', at)
    if (next !== at) {
      top.children.push(decoded(html.slice(at, next < 0 ? html.length : next)))
      if (next < 0) break
      at = next
    }
    if (html.startsWith('<!--', at)) {
      const end = html.indexOf('-->', at)
      at = end < 0 ? html.length : end + 3
      continue
    }
    if (!/[a-z/!?]/i.test(html[at + 1] ?? '')) {
      top.children.push('<')
      at += 1
      continue
    }
    const end = tagEnd(html, at)
    const tag = tagOf(html.slice(at, end))
    at = end
    if (!tag) continue
    if (skipped.has(tag.name)) {
      if (tag.close) continue
      const close = lower.indexOf(`</${tag.name}`, at)
      at = close < 0 ? html.length : tagEnd(html, close)
      continue
    }
    if (tag.close) {
      const index = open.findLastIndex((node) => node.name === tag.name)
      if (index > 0) open.length = index
      continue
    }
    // A paragraph or item that was not closed ends where the next begins.
    if (/^(?:li|p|tr|td|th)$/.test(tag.name) && top.name === tag.name) open.pop()
    const node: Node = { name: tag.name, attributes: tag.attributes, children: [] }
    ;(open.at(-1) ?? root).children.push(node)
    if (!empty.has(tag.name) && open.length < DEEPEST) open.push(node)
  }
  return root
}

function tagEnd(html: string, at: number): number {
  let quote = ''
  for (let i = at + 1; i < html.length; i++) {
    const c = html[i] ?? ''
    if (quote !== '') {
      if (c === quote) quote = ''
    } else if (c === '"' || c === "'") quote = c
    else if (c === '>') return i + 1
  }
  return html.length
}

function tagOf(text: string): Tag | null {
  const found = /^<(\/?)([a-z][a-z0-9:-]*)/i.exec(text)
  const [all = '', slash = '', name = ''] = found ?? []
  if (!found) return null
  return { name: name.toLowerCase(), close: slash !== '', attributes: text.slice(all.length, -1) }
}

function attribute(node: Node, name: string): string {
  const found = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s>]+))`, 'i').exec(
    node.attributes,
  )
  return decoded(found?.[1] ?? found?.[2] ?? found?.[3] ?? '')
}

const named: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  hellip: '…',
  middot: '·',
  ndash: '–',
  mdash: '—',
  lsquo: '‘',
  rsquo: '’',
  ldquo: '“',
  rdquo: '”',
  bull: '•',
  copy: '©',
  reg: '®',
  trade: '™',
  times: '×',
}

function decoded(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]+));/gi, (all, ten, hex, name) => {
    if (typeof name === 'string') return named[name.toLowerCase()] ?? all
    const code = typeof ten === 'string' ? Number(ten) : parseInt(String(hex), 16)
    const lone = code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)
    return lone ? all : String.fromCodePoint(code)
  })
}

/** Children as lines; inline things between blocks are a paragraph. */
function block(node: Node): string {
  const parts: string[] = []
  let line = ''
  const settle = () => {
    const text = line
      .replace(/[ \t]*\n[ \t]*/g, '\n')
      .replace(/ {2,}/g, ' ')
      .trim()
    if (text !== '') parts.push(text)
    line = ''
  }
  for (const child of node.children) {
    if (typeof child !== 'string' && (blocks.has(child.name) || hasBlocks(child))) {
      settle()
      const text = one(child)
      if (text.trim() !== '') parts.push(text)
    } else line += inline(child)
  }
  settle()
  // Lines of one box belong together, as mail and chat programs write them.
  return parts.join(node.children.some(isParagraph) ? '\n\n' : '\n')
}

function isParagraph(node: Node | string): boolean {
  return (
    typeof node !== 'string' &&
    !/^(?:div|li|tr|span|dt|dd|b)$/.test(node.name) &&
    blocks.has(node.name)
  )
}

function hasBlocks(node: Node): boolean {
  return node.children.some(
    (child) => typeof child !== 'string' && (blocks.has(child.name) || hasBlocks(child)),
  )
}

function one(node: Node): string {
  switch (node.name) {
    case 'h1':
    case 'h2':
    case 'h3':
    case 'h4':
    case 'h5':
    case 'h6':
      return `${'#'.repeat(Number(node.name[1]))} ${block(node).replaceAll('\n', ' ')}`
    case 'ul':
    case 'ol':
      return list(node)
    case 'blockquote':
      return indented(block(node), '> ', '> ')
    case 'pre': {
      const text = plain(node).replace(/\n$/, '')
      const fence = '`'.repeat(Math.max(3, longest(text) + 1))
      const language = /(?:language|lang|highlight-source)-([\w+#-]+)/.exec(
        node.attributes +
          node.children.map((c) => (typeof c === 'string' ? '' : c.attributes)).join(),
      )
      return `${fence}${language?.[1] ?? ''}\n${text}\n${fence}`
    }
    case 'table':
      return table(node)
    default:
      return block(node)
  }
}

function list(node: Node): string {
  let number = Number(attribute(node, 'start')) || 1
  const items: string[] = []
  for (const child of node.children) {
    if (typeof child === 'string') continue
    if (child.name === 'li') {
      const sign = node.name === 'ol' ? `${number++}. ` : '- '
      items.push(indented(block(child).replace(/\n{2,}/g, '\n'), sign, ' '.repeat(sign.length)))
    } else if (child.name === 'ul' || child.name === 'ol') {
      // A list right within a list belongs to the item above.
      items.push(indented(list(child), '  ', '  '))
    } else items.push(one(child))
  }
  return items.join('\n')
}

function indented(text: string, first: string, rest: string): string {
  return text
    .split('\n')
    .map(
      (line, index) => (index === 0 ? first : line === '' && rest.trim() === '' ? '' : rest) + line,
    )
    .join('\n')
}

function table(node: Node): string {
  const rows: Node[] = []
  const collect = (inner: Node) => {
    for (const child of inner.children) {
      if (typeof child === 'string') continue
      if (child.name === 'tr') rows.push(child)
      else collect(child)
    }
  }
  collect(node)
  const cells = rows.map((row) =>
    row.children.flatMap((cell) =>
      typeof cell !== 'string' && /^t[dh]$/.test(cell.name)
        ? [
            block(cell)
              .replace(/\s*\n\s*/g, ' ')
              .replaceAll('|', '\\|'),
          ]
        : [],
    ),
  )
  const width = Math.max(0, ...cells.map((row) => row.length))
  if (width === 0) return ''
  // A table of one column is lines.
  if (width === 1) return cells.map((row) => row[0] ?? '').join('\n')
  const drawn = cells.map(
    (row) => `| ${[...row, ...Array<string>(width - row.length).fill('')].join(' | ')} |`,
  )
  drawn.splice(1, 0, `|${' --- |'.repeat(width)}`)
  return drawn.join('\n')
}

function inline(node: Node | string): string {
  if (typeof node === 'string') return escaped(node.replace(/[\s\u00a0]+/g, ' '))
  const inner = () => node.children.map(inline).join('')
  switch (node.name) {
    case 'br':
      return '\n'
    case 'b':
    case 'strong':
      return isNormal(node) ? inner() : around(inner(), '**')
    case 'i':
    case 'em':
      return around(inner(), '_')
    case 's':
    case 'del':
    case 'strike':
      return around(inner(), '~~')
    case 'code':
    case 'kbd':
    case 'samp':
    case 'tt': {
      const text = plain(node).replace(/\s+/g, ' ')
      const ticks = '`'.repeat(longest(text) + 1)
      const pad = /^`|`$/.test(text) ? ' ' : ''
      return text.trim() === '' ? text : `${ticks}${pad}${text}${pad}${ticks}`
    }
    case 'a': {
      const href = attribute(node, 'href')
      const label = inner()
      if (!/^(?:https?:\/\/|mailto:)/i.test(href) || label.trim() === '') return label
      if (plain(node).trim() === href || `mailto:${plain(node).trim()}` === href) return plain(node)
      return `[${label.trim()}](${/[\s()]/.test(href) ? `<${href}>` : href})`
    }
    case 'img':
      return attribute(node, 'alt')
    case 'input':
      return /checkbox/i.test(attribute(node, 'type'))
        ? /\schecked/i.test(node.attributes)
          ? '[x] '
          : '[ ] '
        : ''
    default:
      return around(inner(), styleMark(node))
  }
}

/** Google Docs and Word say by style what others say by name. */
function styleMark(node: Node): string {
  if (node.name !== 'span') return ''
  const style = attribute(node, 'style')
  if (/font-weight:\s*(?:bold|[6-9]00)/i.test(style)) return '**'
  if (/font-style:\s*italic/i.test(style)) return '_'
  return /text-decoration[^;]*line-through/i.test(style) ? '~~' : ''
}

/** Google Docs wraps all of it into a bold that is none. */
function isNormal(node: Node): boolean {
  return /font-weight:\s*(?:normal|400)/i.test(attribute(node, 'style'))
}

/** Marks stand next to letters: blanks go outside. */
function around(text: string, mark: string): string {
  const bare = text.trim()
  if (mark === '' || bare === '' || bare.includes('\n\n')) return text
  const at = text.indexOf(bare)
  return `${text.slice(0, at)}${mark}${bare}${mark}${text.slice(at + bare.length)}`
}

/** Signs that would become markup here. */
function escaped(text: string): string {
  return text.replace(/([*`]|~~|\|\|)/g, '\\$1').replace(/\[(?=[^\]]*\]\()/g, '\\[')
}

function plain(node: Node): string {
  return node.children
    .map((child) => (typeof child === 'string' ? child : child.name === 'br' ? '\n' : plain(child)))
    .join('')
    .replaceAll('\u00a0', ' ')
}

function longest(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
}

/** Rows of a spreadsheet, copied as text, as a table. */
export function tableOf(text: string): string | null {
  const rows = text.replace(/\r?\n$/, '').split(/\r?\n/)
  const cells = rows.map((row) => row.split('\t'))
  const width = cells[0]?.length ?? 0
  if (rows.length < 2 || width < 2 || cells.some((row) => row.length !== width)) return null
  // Code begins its lines with tabs.
  if (cells.some(([first = '']) => first.trim() === '')) return null
  const drawn = cells.map(
    (row) => `| ${row.map((c) => c.trim().replaceAll('|', '\\|')).join(' | ')} |`,
  )
  drawn.splice(1, 0, `|${' --- |'.repeat(width)}`)
  return drawn.join('\n')
}
