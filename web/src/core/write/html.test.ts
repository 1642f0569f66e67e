import { describe, expect, it } from 'vitest'
import { tableOf, toMarkdown } from './html'

describe('copied HTML becomes Markdown', () => {
  it.each([
    ['<p>안녕 <b>굵게</b> <i>기울임</i> <s>취소</s></p>', '안녕 **굵게** _기울임_ ~~취소~~'],
    ['<p>하나</p><p><b>둘</b></p>', '하나\n\n**둘**'],
    ['<b>굵게 </b>뒤', '**굵게** 뒤'],
    ['<h2>제목</h2><p>글</p>', '## 제목\n\n글'],
    ['<ul><li>하나</li><li>둘<ul><li>셋</li></ul></li></ul>', '- 하나\n- 둘\n  - 셋'],
    ['<ol start="3"><li>하나<li>둘</ol>', '3. 하나\n4. 둘'],
    ['<a href="https://a.kr/b">문서</a>', '[문서](https://a.kr/b)'],
    ['<a href="https://a.kr/b">https://a.kr/b</a>', 'https://a.kr/b'],
    ['<b><a href="javascript:alert(1)">x</a></b>', '**x**'],
    [
      '<pre><code class="language-rust">fn a() {\n  b\n}\n</code></pre>',
      '```rust\nfn a() {\n  b\n}\n```',
    ],
    ['<code>a`b</code>', '``a`b``'],
    ['<blockquote><p>말</p><p>둘</p></blockquote>', '> 말\n>\n> 둘'],
    [
      '<table><thead><tr><th>이름</th><th>값</th></tr></thead><tbody><tr><td>a</td><td>1|2</td></tr></tbody></table>',
      '| 이름 | 값 |\n| --- | --- |\n| a | 1\\|2 |',
    ],
    [
      '<meta charset="utf-8"><b style="font-weight:normal"><span style="font-weight:700">굵게</span> 글</b>',
      '**굵게** 글',
    ],
    ['<div>하나</div><div><b>둘</b></div>', '하나\n**둘**'],
    ['<b>a &amp; b &lt;c&gt; &#xAC00;&nbsp;</b>', '**a & b <c> 가**'],
    ['<ul><li><input type="checkbox" checked> 일</li></ul>', '- [x] 일'],
    ['<p>2*3 <b>a</b></p>', '2\\*3 **a**'],
    ['<b>a</b><br>b', '**a**\nb'],
    ['<b>a</b><script>alert("<p>")</script><style>b{}</style>', '**a**'],
    ['<b>열린 <i>둘', '**열린 _둘_**'],
    ['<b title=">">a</b>', '**a**'],
  ])('%s', (html, expected) => {
    expect(toMarkdown(html)).toBe(expected)
  })

  it('plain words are taken as they were copied', () => {
    expect(toMarkdown('<meta charset="utf-8"><span>글 하나</span>')).toBeNull()
    expect(toMarkdown('<div>하나</div><div>둘</div>')).toBeNull()
    expect(toMarkdown('')).toBeNull()
  })

  it('hostile HTML is read to its end', () => {
    const begun = performance.now()
    for (const piece of [
      '<b>',
      '<table><tr><td>',
      '<ul><li>',
      '<a href="',
      '<!--',
      '<script>',
      '</b>',
      '&#1;',
      '<',
      '<p ',
    ])
      expect(() => toMarkdown(piece.repeat(20_000))).not.toThrow()
    expect(performance.now() - begun).toBeLessThan(5_000)
  })
})

it('rows with tabs are a table', () => {
  expect(tableOf('이름\t값\na\t1\n')).toBe('| 이름 | 값 |\n| --- | --- |\n| a | 1 |')
  expect(tableOf('하나\t둘')).toBeNull()
  expect(tableOf('\tif x\n\ty')).toBeNull()
  expect(tableOf('a\tb\nc')).toBeNull()
})
