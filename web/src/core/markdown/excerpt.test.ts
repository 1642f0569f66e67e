import { expect, it } from 'vitest'
import { excerpt } from './excerpt'

/** What is marked stands in brackets; `word` is looked for in the source. */
function shown(source: string, word: string): string {
  const at = source.indexOf(word)
  const parts = excerpt(source, at < 0 ? [] : [[at, at + word.length]])
  return parts.map(({ text, marked }) => (marked ? `[${text}]` : text)).join('')
}

it.each([
  ['오늘 **3시**에 배포합니다', '배포', '오늘 3시에 [배포]합니다'],
  ['오늘 **배포**합니다', '배포', '오늘 [배포]합니다'],
  ['*배*포', '배*포', '[배포]'],
  ['- [x] 테스트\n- [ ] 문서', '문서', '테스트 [문서]'],
  ['```ts\nconst a = 1\n```\n끝', 'const', '[const] a = 1 끝'],
  ['| 항목 | 담당 |\n|---|---|\n| API | 박민호 |', '박민호', '항목 담당 API [박민호]'],
  ['답은 ||마루||예요', '답은', '[답은] ▒▒예요'],
  ['답은 ||마루||예요', '마루', '답은 ▒▒예요'],
  ['하나\n\n\n둘   셋', '셋', '하나 둘 [셋]'],
  ['하나', '없음', '하나'],
  ['---', '---', '[---]'],
])('%s', (source, word, as) => {
  expect(shown(source, word)).toBe(as)
})

it('what is far down in a long message is near the beginning', () => {
  const long = '긴 앞말이 이어집니다 '.repeat(40)
  const text = shown(`${long}서버가 느려요`, '서버')
  expect(text).toMatch(/^….{1,60}\[서버\]가 느려요$/)
})

it('ranges in no order, outside and over one another do no harm', () => {
  const parts = excerpt('가나다라', [
    [1, 3],
    [0, 2],
    [3, 99],
    [9, 9],
  ])
  expect(parts.map(({ text }) => text).join('')).toBe('가나다라')
})
