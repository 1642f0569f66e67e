import { describe, expect, it } from 'vitest'
import {
  applied,
  breakLine,
  toggleLines,
  toggleLink,
  toggleMark,
  type Edit,
  type Selected,
} from './edits'

/** `[` and `]` stand for the selection, `|` for a caret. */
function at(drawn: string): Selected {
  const caret = drawn.indexOf('¦')
  if (caret >= 0) return { text: drawn.replace('¦', ''), start: caret, end: caret }
  const start = drawn.indexOf('«')
  const end = drawn.indexOf('»') - 1
  return { text: drawn.replace(/[«»]/g, ''), start, end }
}

function drawn(before: Selected, edit: Edit | null): string | null {
  if (!edit) return null
  const text = applied(before.text, edit)
  const { start, end } = edit
  return start === end
    ? `${text.slice(0, start)}¦${text.slice(start)}`
    : `${text.slice(0, start)}«${text.slice(start, end)}»${text.slice(end)}`
}

describe('marks', () => {
  it.each([
    ['«굵게»', '**', '**«굵게»**'],
    ['**«굵게»**', '**', '«굵게»'],
    ['«**굵게**»', '**', '«굵게»'],
    ['하나 «둘 »셋', '**', '하나 **«둘»** 셋'],
    ['¦', '**', '**¦**'],
    ['**¦**', '**', '¦'],
    ['글 **굵게¦**', '**', '글 **굵게**¦'],
    ['`x¦` y', '`', '`x`¦ y'],
    ['**«굵게»**', '_', '**_«굵게»_**'],
    ['«x»', '`', '`«x»`'],
    ['글 «x\ny» 끝', '`', '글 \n```\n«x\ny»\n```\n 끝'],
    ['«비밀»', '||', '||«비밀»||'],
  ] as const)('%s %s', (before, mark, after) => {
    expect(drawn(at(before), toggleMark(at(before), mark))).toBe(after)
  })
})

describe('links', () => {
  it.each([
    ['«글»', undefined, '[글](«https://»)'],
    ['«글»', 'https://a.kr', '[글](https://a.kr)¦'],
    ['«https://a.kr»', undefined, '[¦](https://a.kr)'],
    ['¦', undefined, '[¦](https://)'],
  ])('%s %s', (before, address, after) => {
    expect(drawn(at(before), toggleLink(at(before), address))).toBe(after)
  })
})

describe('lines', () => {
  it.each([
    ['하¦나', 'list', '- 하¦나'],
    ['- 하¦나', 'list', '하¦나'],
    ['«하나\n둘»', 'numbers', '«1. 하나\n2. 둘»'],
    ['«1. 하나\n2. 둘»', 'list', '«- 하나\n- 둘»'],
    ['앞\n«하나\n\n둘»\n뒤', 'quote', '앞\n«> 하나\n\n> 둘»\n뒤'],
    ['«> 하나\n> 둘»', 'quote', '«하나\n둘»'],
    ['¦', 'list', '- ¦'],
  ] as const)('%s %s', (before, kind, after) => {
    expect(drawn(at(before), toggleLines(at(before), kind))).toBe(after)
  })
})

describe('a new line goes on with the list', () => {
  it.each([
    ['- 하나¦', '- 하나\n- ¦'],
    ['- 하나\n- ¦', '- 하나\n¦'],
    ['  3) 셋¦', '  3) 셋\n  4) ¦'],
    ['- [x] 한 일¦', '- [x] 한 일\n- [ ] ¦'],
    ['> 말¦', '> 말\n> ¦'],
    ['- 하¦나', '- 하\n- ¦나'],
    ['글¦', null],
    ['```\n- x¦', null],
    ['-¦ 하나', null],
  ])('%s', (before, after) => {
    expect(drawn(at(before), breakLine(at(before)))).toBe(after)
  })
})
