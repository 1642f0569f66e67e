import { describe, expect, it } from 'vitest'
import { parse } from './blocks'
import type { Block, Inline, Mention, Tree } from './tree'

/** The tree in short: `strong(…)`, text in quotes. */
function drawn(source: string, mentions: Mention[] = []): string {
  const tree = parse(source, mentions)
  return tree.blocks.map((one) => block(tree, one)).join(' ')
}

function block(tree: Tree, node: Block): string {
  switch (node.type) {
    case 'paragraph':
      return inline(tree, node.children)
    case 'heading':
      return `h${node.level}(${inline(tree, node.children)})`
    case 'quote':
      return `quote(${node.children.map((one) => block(tree, one)).join(' ')})`
    case 'list': {
      const items = node.items.map(({ value, checked, children }) => {
        const sign = value === undefined ? '-' : `${value}.`
        const task = checked === undefined ? '' : checked ? '[x]' : '[ ]'
        return `${sign}${task}${children.map((one) => block(tree, one)).join(' ')}`
      })
      return `list(${items.join(' ')})`
    }
    case 'code_block':
      return `code_block:${node.language}(${inline(tree, node.children)})`
    case 'table': {
      const rows = [node.head, ...node.rows].map((row) =>
        row.map((cell) => inline(tree, cell)).join('|'),
      )
      return `table:${node.align.map((a) => a ?? '-').join(',')}(${rows.join(' / ')})`
    }
    case 'rule':
      return 'rule'
  }
}

function inline(tree: Tree, nodes: readonly Inline[]): string {
  return nodes
    .map((node) => {
      const text = tree.source.slice(node.start, node.end)
      switch (node.type) {
        case 'text':
          return text
        case 'shown':
          return `{${node.as}}`
        case 'mention':
          return `@(${text})`
        case 'emoji':
          return text
        case 'link':
          return `link:${node.href}${node.warn === undefined ? '' : `!${node.warn}`}(${inline(tree, node.children)})`
        default:
          return `${node.type}(${inline(tree, node.children)})`
      }
    })
    .join('')
}

describe('what people know from elsewhere', () => {
  it.each([
    [
      '**굵게** *기울임* ~~취소~~ `코드` ||비밀||',
      'strong(굵게) em(기울임) strike(취소) code(코드) spoiler(비밀)',
    ],
    ['__bold__ _slanted_ ***both***', 'strong(bold) em(slanted) em(strong(both))'],
    ['**a *b* c**', 'strong(a em(b) c)'],
    ['# 제목 #', 'h1(제목)'],
    ['###### 여섯', 'h6(여섯)'],
    ['#방 이름', '#방 이름'],
    ['> 하나\n> 둘\n셋', 'quote(하나\n둘) 셋'],
    ['> a\n>> b', 'quote(a quote(b))'],
    ['- 하나\n- 둘\n  - 셋\n- 넷', 'list(-하나 -둘 list(-셋) -넷)'],
    ['1. 하나\n2. 둘', 'list(1.하나 2.둘)'],
    ['1. 하나\n1. 둘', 'list(1.하나 2.둘)'],
    ['2. 네\n4. 아니요', 'list(2.네 4.아니요)'],
    ['- [ ] 할 일\n- [x] 한 일', 'list(-[ ]할 일 -[x]한 일)'],
    ['- 하나\n\n- 둘', 'list(-하나 -둘)'],
    ['- 하나\n그리고', 'list(-하나) 그리고'],
    ['- 하나\n\n  더', 'list(-하나\n\n더)'],
    ['```rust\nfn main() {}\n```', 'code_block:rust(fn main() {})'],
    ['```\n*그대로*\n', 'code_block:(*그대로*\n)'],
    ['~~~\nx\n~~~', 'code_block:(x)'],
    ['````\n```\n````', 'code_block:(```)'],
    ['말: ```x``` 끝', '말: code(x) 끝'],
    ['`` a`b ``', 'code(a`b)'],
    [
      '| 이름 | 값 |\n|:--|--:|\n| a | **b** |\n| `x|y` | c |',
      'table:left,right(이름|값 / a|strong(b) / code(x|y)|c)',
    ],
    ['a | b\n--|--\nc | d | e\n끝', 'table:-,-(a|b / c|d|e) 끝'],
    ['위\n---\n아래', '위 rule 아래'],
    ['[문서](https://a.kr/b)를', 'link:https://a.kr/b(문서)를'],
    ['[**굵은** 글](<https://a.kr/b> "제목")', 'link:https://a.kr/b(strong(굵은) 글)'],
    ['[](https://a.kr/b)', 'link:https://a.kr/b(https://a.kr/b)'],
    ['<https://a.kr/b_c_d>', 'link:https://a.kr/b_c_d(https://a.kr/b_c_d)'],
    ['![그림](https://a.kr/b.png)', 'link:https://a.kr/b.png(그림)'],
    ['\\*별\\* \\_줄\\_ \\# 1\\. 하나', '*별* _줄_ # 1. 하나'],
    ['하나\n\n\n둘', '하나\n\n\n둘'],
  ])('%s', (source, expected) => {
    expect(drawn(source)).toBe(expected)
  })
})

describe('Korean: a particle follows without a space', () => {
  it.each([
    ['**마크다운(Markdown)**을', 'strong(마크다운(Markdown))을'],
    ['*강조!*는', 'em(강조!)는'],
    ['~~취소(3)~~는', 'strike(취소(3))는'],
    ['이것은**"강조"**입니다', '이것은strong("강조")입니다'],
    ['**‘마루’**가 **마루**를', 'strong(‘마루’)가 strong(마루)를'],
    ['_기울임_을 쓴다', 'em(기울임)을 쓴다'],
    ['`코드`를 ||비밀||은', 'code(코드)를 spoiler(비밀)은'],
    ['**https://a.kr/b**은', 'strong(link:https://a.kr/b(https://a.kr/b))은'],
  ])('%s', (source, expected) => {
    expect(drawn(source)).toBe(expected)
  })
})

describe('what is no markup stays as it was written', () => {
  it.each([
    '2*3*4 = 24, 2**3**4',
    '^_^ 네 ^_^',
    '-_- 어 -_-',
    '*^^* 네 *^^*',
    'T_T ㅠ_ㅠ *_*',
    '>_< >.<',
    '>ㅁ<',
    '> <',
    '안녕~~ 잘 가~~',
    '네~~알겠습니다~~',
    '10~20명, 30~40명',
    '~~~~',
    '¯\\_(ツ)_/¯',
    'C:\\Users\\kim \\\\server\\share',
    '__init__.py와 snake_case_name',
    'a * b * c',
    'a || b || c',
    '2026. 11. 29. 일요일',
    '2026. 이 해에',
    '#1 #방',
    '가격*은 *부가세 별도',
    '**',
    '- ',
    '[x](javascript:alert(1)) [y](/path) [z]',
    '[a](data:text/html,x)',
    '`열린 코드',
    '**열린 굵게',
    '||열린 비밀',
    '|a|b|',
    '1234. 네 자리',
  ])('%s', (source) => {
    expect(drawn(source)).toBe(source)
  })
})

describe('mentions keep their ranges', () => {
  const mention = (source: string, name: string, user = 7): Mention => {
    const start = source.indexOf(name)
    return { type: 'mention', start, end: start + name.length, user }
  }
  it.each([
    ['**@김_철수_님** 네', '@김_철수_', 'strong(@(@김_철수_)님) 네'],
    ['> @영희가\n> *네*', '@영희', 'quote(@(@영희)가\nem(네))'],
    ['- @영희: `@`', '@영희', 'list(-@(@영희): code(@))'],
    ['`@영희`', '@영희', 'code(@(@영희))'],
    ['```\n@영희\n```', '@영희', 'code_block:(@(@영희))'],
    ['😀@영희님', '@영희', '😀@(@영희)님'],
    ['@a*b 그리고 c*', '@a*b', '@(@a*b) 그리고 c*'],
  ])('%s', (source, name, expected) => {
    expect(drawn(source, [mention(source, name)])).toBe(expected)
  })
})

it('what turns the direction is shown and does nothing', () => {
  expect(drawn('사진\u202Egpj.exe')).toBe('사진{RLO}gpj.exe')
  expect(drawn('`a\u2066b`')).toBe('code(a{LRI}b)')
})

it('an empty text has no blocks', () => {
  expect(parse('').blocks).toEqual([])
  expect(parse(' \n \n').blocks).toEqual([])
})
