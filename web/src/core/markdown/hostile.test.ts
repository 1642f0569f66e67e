import { describe, expect, it } from 'vitest'
import { parse } from './blocks'
import { leaves, type Mention, type Tree } from './tree'

/** Numbers that look thrown and are the same in every run. */
function dice(seed: number): (sides: number) => number {
  let state = seed
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * sides)
  }
}

const scraps =
  '* ** *** _ __ ~~ ~~~ || ` `` ``` > >> - + 1. 2) # ## [ ] ( ) ![ ]( <https:// > | |-| :-: \\ \n \n\n @ http:// https://a.kr/ www.a.kr a@b.kr 가 나다 은 word 1 . , ! 😀 👍🏽 👨‍👩‍👧 \u202E \u200B \t 。 （ ） 「 」 \u0301 \uD800 \uDC00 &amp; --- === 3️⃣ 🇰🇷'
    .split(' ')
    .concat([' ', '  ', '    '])

function thrown(seed: number): { source: string; mentions: Mention[] } {
  const roll = dice(seed)
  const parts = Array.from({ length: 1 + roll(60) }, () => scraps[roll(scraps.length)] ?? '')
  const source = parts.join(roll(3) === 0 ? ' ' : '')
  const mentions: Mention[] = []
  for (let i = roll(5); i > 0; i--) {
    const start = roll(source.length + 3) - 1
    mentions.push({ type: 'mention', start, end: start + roll(9) - 1, user: i })
  }
  return { source, mentions }
}

/** Markup may go; what one writes may not. A link's address and a fence's language are markup too. */
function check(tree: Tree): void {
  let at = 0
  const gaps: string[] = []
  const { source } = tree
  for (const { start, end } of leaves(tree.blocks)) {
    if (start < at || end <= start || end > source.length) expect.fail(`leaf ${start}–${end}`)
    gaps.push(source.slice(at, start))
    at = end
  }
  gaps.push(source.slice(at))
  for (const gap of gaps) {
    const left = gap
      .replace(/\]\([ \n]*<?(?:https?:\/\/|mailto:)[^\n]*?\)+/gi, '')
      .replace(/(```+|~~~+)[^\n]*/g, '')
      .replace(/\d{1,3}[.)]/g, '')
      .replace(/\[[ xX]\]/g, '')
      .replace(/[\s*_~|`>#+\-[\]!<\\:.]/g, '')
    if (left !== '') expect.fail(`lost: ${left}`)
  }
}

describe('whatever is written', () => {
  it('leaves are in order, within the source, and no letter is lost', () => {
    for (let seed = 1; seed <= 1_500; seed++) {
      const { source, mentions } = thrown(seed)
      try {
        check(parse(source, mentions))
      } catch (error) {
        throw new Error(`seed ${seed}: ${JSON.stringify(source)}`, { cause: error })
      }
    }
  })

  it('every mention that fits is in the tree, or stands in an address', () => {
    for (let seed = 1; seed <= 500; seed++) {
      const roll = dice(seed)
      const words = Array.from({ length: 12 }, () => scraps[roll(14)] ?? '').join(' ')
      const source = `${words} @영희님 **@철수**가 ${words}`
      const mentions = ['@영희', '@철수'].map((name, user): Mention => {
        const start = source.indexOf(name)
        return { type: 'mention', start, end: start + name.length, user }
      })
      const found = leaves(parse(source, mentions).blocks).filter((one) => one.type === 'mention')
      expect(found).toEqual(mentions)
    }
  })
})

const LONG = 100_000
const hostile: [string, string][] = [
  ['stars', '*'.repeat(LONG)],
  ['open stars', '*a '.repeat(LONG / 3)],
  ['open and closed', '*a **b '.repeat(LONG / 7)],
  ['closers', 'a* '.repeat(LONG / 3)],
  ['underscores', '_a __b '.repeat(LONG / 7)],
  ['nested', '*a '.repeat(LONG / 6) + 'b*'.repeat(LONG / 6)],
  ['spoilers', '||a '.repeat(LONG / 4)],
  ['brackets', '['.repeat(LONG)],
  ['links half open', '[a]('.repeat(LONG / 4)],
  ['destinations', '[a](b'.repeat(LONG / 5)],
  ['labels', '[a](<b'.repeat(LONG / 6)],
  ['images', '![[]()'.repeat(LONG / 6)],
  ['ticks', Array.from({ length: 440 }, (_, i) => '`'.repeat(i + 1)).join(' ')],
  ['open ticks', '`a``b```c'.repeat(LONG / 9)],
  ['code of blanks', `\`${' '.repeat(LONG)}a\``],
  ['quotes', '>'.repeat(LONG)],
  [
    'quoted lines',
    '> '
      .repeat(40)
      .concat('a\n')
      .repeat(LONG / 82),
  ],
  ['lists', Array.from({ length: 400 }, (_, i) => `${' '.repeat(i)}- a`).join('\n')],
  ['fences', '~~~a\n'.repeat(LONG / 5)],
  ['tildes', Array.from({ length: 440 }, (_, i) => '~'.repeat(443 - i)).join('\n')],
  ['tables', '|-|\n'.repeat(LONG / 4)],
  ['rows', `|a|\n|-|\n${'|a'.repeat(LONG / 2)}`],
  ['dashes', `${'- '.repeat(LONG / 2)}x`],
  ['rule of dashes', `${'-'.repeat(LONG)}x`],
  ['addresses', 'http://'.repeat(LONG / 7)],
  ['one address', `https://a.kr/${'a'.repeat(LONG)}`],
  ['brackets in an address', `https://a.kr/${'('.repeat(LONG)}`],
  ['Korean in an address', `https://a.kr/${'/가'.repeat(LONG / 2)}`],
  ['hosts', `https://${'가.'.repeat(LONG / 2)}`],
  ['users', 'https://a_'.repeat(LONG / 10)],
  ['mail', 'a@'.repeat(LONG / 2)],
  ['mail dots', `a@${'a.'.repeat(LONG / 2)}`],
  ['escapes', '\\*'.repeat(LONG / 2)],
  ['angles', '<https://'.repeat(LONG / 9)],
  ['hashes', '#'.repeat(LONG)],
  ['heading', `# a${' #'.repeat(LONG / 2)}b`],
  ['empty lines', '\n'.repeat(LONG)],
  ['blank lines', 'a\n \n'.repeat(LONG / 4)],
  ['blanks', ' '.repeat(LONG)],
  ['marks', `a${'\u0301'.repeat(LONG)}`],
  ['emoji', '👨‍👩‍👧‍👦'.repeat(LONG / 11)],
  ['joiners', '😀\u200D'.repeat(LONG / 3)],
  ['controls', '\u202E'.repeat(LONG)],
]

describe('hostile texts', () => {
  it.each(hostile)('%s: whole, shallow and quick', (_, source) => {
    const begun = performance.now()
    const tree = parse(source)
    // Far above what any of them takes, far below what a square would.
    expect(performance.now() - begun).toBeLessThan(2_500)
    expect(depth(tree)).toBeLessThan(40)
    check(tree)
  })
})

function depth(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const inner = Array.isArray(value) ? value : Object.values(value)
  let most = 0
  for (const one of inner as unknown[]) most = Math.max(most, depth(one))
  return most + (Array.isArray(value) ? 0 : 1)
}
