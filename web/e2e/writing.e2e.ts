import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { beforeEach, describe, expect, it } from 'vitest'
import { Person } from './browser'
import { stage } from './stage'

const on = stage()
let kim: Person
let room: number

beforeEach(async () => {
  kim = await on.person('철수')
  room = await kim.caller.room(`꾸미기 ${kim.caller.id}`)
})

async function opened(): Promise<void> {
  await kim.open(room)
  await kim.box.focus()
}

describe('Enter', () => {
  beforeEach(opened)

  it('told again long after the list was answered sends nothing', async () => {
    const lee = await on.person('김민수')
    await lee.caller.call('POST', `/rooms/${room}/join`)
    await kim.page.reload()
    await kim.online()
    await kim.box.focus()
    await kim.page.keyboard.type('@')
    await kim.compose('ㄱ', '기', '김')
    await kim.page.getByRole('option', { name: '김민수' }).waitFor()
    await kim.key('rawKeyDown', 'Enter', 229)
    await kim.commit('김')
    await expect.poll(() => kim.box.inputValue()).toBe('@김민수 ')
    // The same press, as browsers tell it a second time.
    await kim.page.evaluate(() => new Promise(requestAnimationFrame))
    await kim.key('rawKeyDown', 'Enter', 13)
    await kim.key('char', 'Enter', 13)
    await kim.key('keyUp', 'Enter', 13)
    expect(await kim.box.inputValue()).toBe('@김민수 ')
    await kim.page.keyboard.type('네')
    await kim.enter()
    await kim.reads(['@김민수 네'])
  })

  it('that Windows calls Process is one by its place', async () => {
    await kim.compose('ㄱ', '가')
    await kim.key('rawKeyDown', 'Process', 229, 0, 'Enter')
    await kim.commit('가')
    await kim.compose('ㄴ', '나')
    await kim.commit('나')
    await kim.enter()
    await kim.reads(['가', '나'])
  })

  it('goes on with a list, and ends it', async () => {
    await kim.page.keyboard.type('- 하나')
    await kim.enter(8)
    await kim.page.keyboard.type('둘')
    await kim.enter(8)
    expect(await kim.box.inputValue()).toBe('- 하나\n- 둘\n- ')
    await kim.enter(8)
    expect(await kim.box.inputValue()).toBe('- 하나\n- 둘\n')
    await kim.page.keyboard.type('끝')
    await kim.enter()
    await expect.poll(() => kim.caller.texts(room)).toEqual(['- 하나\n- 둘\n끝'])
    const points = kim.page.locator('.message .text li')
    await expect.poll(() => points.allInnerTexts()).toEqual(['하나', '둘'])
  })
})

it('on a phone Enter breaks the line, and the button sends', async () => {
  const context = await on.browser.newContext({
    locale: 'ko-KR',
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
    storageState: await kim.page.context().storageState(),
  })
  const page = await context.newPage()
  await page.goto(`${on.maru.url}/rooms/${room}`)
  const box = page.locator('.composer textarea')
  await box.tap()
  await page.keyboard.type('하나')
  await page.keyboard.press('Enter')
  await page.keyboard.type('둘')
  expect(await box.inputValue()).toBe('하나\n둘')
  await page.getByRole('button', { name: '보내기', exact: true }).tap()
  await expect.poll(() => kim.caller.texts(room)).toEqual(['하나\n둘'])
  await context.close()
})

describe('formatting', () => {
  beforeEach(opened)

  it('by keys and by the toolbar, and undone', async () => {
    await kim.page.keyboard.type('마루')
    await kim.box.press('ControlOrMeta+a')
    await kim.box.press('ControlOrMeta+b')
    expect(await kim.box.inputValue()).toBe('**마루**')
    await kim.page.getByRole('button', { name: '기울임', exact: true }).click()
    expect(await kim.box.inputValue()).toBe('**_마루_**')
    await kim.box.press('ControlOrMeta+z')
    expect(await kim.box.inputValue()).toBe('**마루**')
    await kim.box.press('End')
    await kim.page.keyboard.type('를')
    await kim.enter()
    await kim.page.locator('.message .text strong', { hasText: '마루' }).waitFor()
    await kim.reads(['마루를'])
  })

  it('of what is pasted stays, also a table', async () => {
    const paste = (type: string, data: string) =>
      kim.box.evaluate(
        (field, [kind, text]) => {
          const clipboardData = new DataTransfer()
          clipboardData.setData(kind ?? '', text ?? '')
          field.dispatchEvent(
            new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }),
          )
        },
        [type, data],
      )
    await paste('text/html', '<p>글 <b>굵게</b></p><script>alert(1)</script>')
    await expect.poll(() => kim.box.inputValue()).toBe('글 **굵게**')
    await paste('text/plain', '이름\t값\n하나\t1')
    await expect
      .poll(() => kim.box.inputValue())
      .toBe('글 **굵게**\n| 이름 | 값 |\n| --- | --- |\n| 하나 | 1 |')
    await kim.enter()
    await kim.page.locator('.message .text th', { hasText: '이름' }).waitFor()
  })
})

describe('emoji', () => {
  beforeEach(opened)

  it('are found by Korean names within an open syllable, and by first consonants', async () => {
    await kim.page.keyboard.type('좋아요 :')
    await kim.compose('ㅊ', '추', '축', '축하')
    await kim.page.getByRole('option', { name: ':tada:' }).waitFor()
    await kim.commit('축하')
    await kim.key('rawKeyDown', 'Enter', 13)
    await kim.key('keyUp', 'Enter', 13)
    await expect.poll(() => kim.box.inputValue()).toBe('좋아요 🎉 ')
    await kim.page.keyboard.type(':rocket:')
    await expect.poll(() => kim.box.inputValue()).toContain('🚀')
  })

  it('are chosen from the grid by keys, in a skin tone', async () => {
    await kim.page.keyboard.type('네')
    await kim.page.getByRole('button', { name: '이모지 넣기' }).click()
    const search = kim.page.getByRole('combobox', { name: '이모지 찾기' })
    await search.waitFor()
    await kim.page.getByRole('radio', { name: '중간', exact: true }).click()
    await search.fill('thumbsup')
    await kim.page.getByRole('gridcell', { name: '올린 엄지' }).first().waitFor()
    await search.press('ArrowDown')
    await search.press('ArrowUp')
    await search.press('Enter')
    await expect.poll(() => kim.box.inputValue()).toBe('네👍🏽')
    expect(await kim.box.evaluate((field) => field === document.activeElement)).toBe(true)
  })
})

describe('what is begun', () => {
  it('has its caret where writing stopped, after a reload too', async () => {
    await opened()
    await kim.page.keyboard.type('초안 ')
    await kim.page.reload()
    await kim.box.waitFor()
    await kim.box.focus()
    await kim.page.keyboard.type('더')
    expect(await kim.box.inputValue()).toBe('초안 더')
  })

  it('is one in two tabs, and sent once', async () => {
    await opened()
    const second = await kim.page.context().newPage()
    await second.goto(`${on.maru.url}/rooms/${room}`)
    const box = second.locator('.composer textarea')
    await box.waitFor()
    await kim.page.keyboard.type('같은 글')
    await expect.poll(() => box.inputValue()).toBe('같은 글')
    await Promise.all([kim.box.press('Enter'), box.press('Enter')])
    await expect.poll(() => box.inputValue()).toBe('')
    await kim.reads(['같은 글'])
    await expect.poll(() => kim.caller.texts(room)).toEqual(['같은 글'])
  })

  it('of a change is kept, and ArrowUp opens the last message', async () => {
    await opened()
    await kim.say('처음')
    await kim.reads(['처음'])
    await kim.box.press('ArrowUp')
    const edit = kim.page.locator('.edit-box textarea')
    await edit.waitFor()
    await kim.page.keyboard.type(' 글')
    await kim.page.reload()
    await kim.online()
    await kim.box.focus()
    await kim.box.press('ArrowUp')
    await expect.poll(() => edit.inputValue()).toBe('처음 글')
    await edit.press('Enter')
    await expect.poll(() => kim.caller.texts(room)).toEqual(['처음 글'])
  })
})

describe('what was written', () => {
  it('stays in its own place, however it is made', async () => {
    const marks = '\u0351\u0352\u0353\u0334'.repeat(80)
    const texts = [
      '앞 글',
      `Z${marks}algo`,
      Array.from({ length: 80 }, () => '줄').join('\n'),
      'x'.repeat(10_000),
      '뒤 글',
    ]
    for (const text of texts) await kim.caller.post(room, text)
    await opened()
    await kim.page.getByText('뒤 글').waitFor()
    const overflow = await kim.page
      .locator('.message .text')
      .evaluateAll((all) => all.map((text) => getComputedStyle(text).contain))
    expect(new Set(overflow)).toEqual(new Set(['content']))
    const heights = await kim.page
      .locator('.message .text')
      .evaluateAll((all) => all.map((text) => text.getBoundingClientRect().height))
    expect(Math.max(...heights)).toBeLessThan(620)
    const wide = await kim.page.evaluate(
      () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
    )
    expect(wide).toBe(false)
    const more = kim.page.getByRole('button', { name: '더 보기' }).first()
    await more.click()
    await kim.page.getByRole('button', { name: '접기' }).first().waitFor()
  })

  it('shows code in colours, hides what is hidden, and says where links lead', async () => {
    await kim.caller.post(room, '```rust\nfn main() { let a = "&amp;"; }\n```')
    await kim.caller.post(room, '답은 ||마루||')
    await kim.caller.post(
      room,
      'https://аррӏе.com https://example.org@evil.example/ 사진\u202Egpj.exe https://zoom.us/j/1입니다',
    )
    await opened()
    await kim.page.locator('.hl-keyword', { hasText: 'fn' }).waitFor()
    expect(await kim.page.locator('.code-block pre').innerText()).toBe(
      'fn main() { let a = "&amp;"; }',
    )
    const spoiler = kim.page.getByRole('button', { name: '가려진 글 보기' })
    await spoiler.focus()
    await spoiler.press('Enter')
    await kim.page.locator('.spoiler[data-open]', { hasText: '마루' }).waitFor()
    const links = kim.page.locator('.message .text a')
    expect(await links.allInnerTexts()).toEqual([
      'https://xn--80ak6aa92e.com',
      'https://example.org@evil.example/',
      'https://zoom.us/j/1',
    ])
    await kim.page.getByText('→ evil.example').waitFor()
    await kim.page.locator('.control', { hasText: 'RLO' }).waitFor()
  })
})

/** The checker as a text: run in a world of its own, the page's content policy has no say in it. */
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8')

/** What a screen reader would stumble over, in the page as it is now. */
async function faults(): Promise<string[]> {
  const cdp = await kim.page.context().newCDPSession(kim.page)
  const { frameTree } = await cdp.send('Page.getFrameTree')
  const { executionContextId: contextId } = await cdp.send('Page.createIsolatedWorld', {
    frameId: frameTree.frame.id,
  })
  await cdp.send('Runtime.evaluate', { contextId, expression: axe })
  const { result } = await cdp.send('Runtime.evaluate', {
    contextId,
    awaitPromise: true,
    returnByValue: true,
    expression: `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })
      .then(({ passes, violations }) => passes.length === 0 ? ['nothing was looked at'] : violations.flatMap(({ id, nodes }) =>
        nodes.map(({ html }) => id + ' ' + html.slice(0, 160))))`,
  })
  await cdp.detach()
  return result.value as string[]
}

describe.each(['light', 'dark'] as const)('nothing to stumble over, %s:', (colorScheme) => {
  beforeEach(async () => {
    await kim.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const texts = [
      '**굵게** `코드` ||비밀|| https://a.kr [b.kr](https://evil.example) 사진\u202Egpj',
      '```js\nlet a = "b" // c\n```',
      '|이름|값|\n|-|-|\n|하나|1|',
      '- [x] 한 일\n- [ ] 할 일\n\n> 인용',
      '줄\n'.repeat(40),
    ]
    for (const text of texts) await kim.caller.post(room, text)
    await opened()
    await kim.page.locator('.hl-keyword').waitFor()
  })

  it('texts, suggestions and the picker', async () => {
    expect(await faults()).toEqual([])
    await kim.page.keyboard.type(':hea')
    await kim.page.getByRole('option').first().waitFor()
    expect(await faults()).toEqual([])
    await kim.page.keyboard.press('Escape')
    await kim.page.getByRole('button', { name: '이모지 넣기' }).click()
    await kim.page.getByRole('gridcell').first().waitFor()
    expect(await faults()).toEqual([])
    await kim.page.keyboard.press('Escape')
    await kim.box.fill('')
    await kim.say('내 글')
    await kim.page.getByText('내 글').waitFor()
    await kim.box.press('ArrowUp')
    await kim.page.locator('.edit-box textarea').waitFor()
    expect(await faults()).toEqual([])
  })
})
