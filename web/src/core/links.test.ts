import { describe, expect, it } from 'vitest'
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
  it.each([
    ['https://zoom.us/j/123456입니다', 'https://zoom.us/j/123456'],
    ['https://a.kr/a에서는', 'https://a.kr/a'],
    ['https://a.kr/docs（한글 설명）을', 'https://a.kr/docs'],
    ['https://a.kr/foo。다음', 'https://a.kr/foo'],
    ['https://a.kr/qux、계속', 'https://a.kr/qux'],
    ['「https://a.kr/q」라는', 'https://a.kr/q'],
    ['https://a.kr/[x]', 'https://a.kr/[x]'],
    ["https://a.kr/it's", "https://a.kr/it's"],
    ["'https://a.kr/it' 라고", 'https://a.kr/it'],
    ['https://ex.com은', 'https://ex.com'],
    ['https://ex.com에서 봤어', 'https://ex.com'],
    ['https://ex.com:8080으로', 'https://ex.com:8080'],
    ['https://ex.com/로', 'https://ex.com/로'],
    ['https://example.org/가나다', 'https://example.org/가나다'],
    ['https://ko.wikipedia.org/wiki/한글', 'https://ko.wikipedia.org/wiki/한글'],
    ['https://ko.wikipedia.org/wiki/한글_(문자)은', 'https://ko.wikipedia.org/wiki/한글_(문자)'],
    ['https://a.kr/보고서.pdf입니다', 'https://a.kr/보고서.pdf'],
    ['https://a.kr/2024_보고서.pdf', 'https://a.kr/2024_보고서.pdf'],
    ['https://a.kr/?q=서버', 'https://a.kr/?q=서버'],
    ['https://a.kr/?q=서버&n=1은', 'https://a.kr/?q=서버&n=1'],
    ['https://a.kr/a#절', 'https://a.kr/a#절'],
    ['https://a.kr/a/나/b를', 'https://a.kr/a/나/b'],
    ['https://a.kr/%EA%B0%80입니다', 'https://a.kr/%EA%B0%80'],
    ['https://a.kr/a.그리고', 'https://a.kr/a'],
    ['https://a.kr/docs(한글)을', 'https://a.kr/docs'],
    ['https://a.kr/a_(b)를', 'https://a.kr/a_(b)'],
    ['(https://a.kr/a_(b))', 'https://a.kr/a_(b)'],
    ['(참고: https://a.kr/a)는', 'https://a.kr/a'],
    ['[https://a.kr/a]', 'https://a.kr/a'],
    ['보세요 https://example.org/a?b=c#d.', 'https://example.org/a?b=c#d'],
    ['https://a.kr/a?그래서', 'https://a.kr/a'],
    ['https://a.kr/a!', 'https://a.kr/a'],
    ['https://a.kr/a…', 'https://a.kr/a'],
    ['https://a.kr/a·https://b.kr/b', 'https://a.kr/a'],
    ['“https://a.kr/a”라고', 'https://a.kr/a'],
    ['‘https://a.kr/a’', 'https://a.kr/a'],
    ['《https://a.kr/a》', 'https://a.kr/a'],
    ['https://a.kr/a，그리고', 'https://a.kr/a'],
    ['https://a.kr/a👍', 'https://a.kr/a'],
    ['https://a.kr/a\u200b은', 'https://a.kr/a'],
    ['https://a.kr/a\u202Egpj', 'https://a.kr/a'],
    ['https://한글.kr은', 'https://한글.kr'],
    ['https://한글.한국은', 'https://한글.한국'],
    ['https://ex.com.그리고', 'https://ex.com'],
    ['https://a.kr/a는https://b.kr', 'https://a.kr/a'],
    ['https://a.kr/日本語', 'https://a.kr/日本語'],
    ['https://a.kr/aは', 'https://a.kr/a'],
    ['https://[::1]:80/a은', 'https://[::1]:80/a'],
    ['http://localhost:8080/a', 'http://localhost:8080/a'],
    ['HTTPS://A.KR/a', 'HTTPS://A.KR/a'],
    ['주소는https://a.kr/a', 'https://a.kr/a'],
    ['www.a.kr에서', 'www.a.kr'],
    ['kim@a.kr로', 'kim@a.kr'],
    ['mailto:kim@a.kr', 'mailto:kim@a.kr'],
    ['https://a.kr/a~입니다', 'https://a.kr/a'],
    ['https://a.kr/~kim/b', 'https://a.kr/~kim/b'],
    ['https://a.kr/(a', 'https://a.kr/'],
    ['https://a.kr/a(b', 'https://a.kr/a'],
    ['https://a.kr/*a*', 'https://a.kr/*a'],
  ])('%s', (source, expected) => {
    expect(texts(source)[0]).toBe(expected)
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
