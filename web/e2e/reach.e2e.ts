/** For everybody: keyboard only, screen readers, twice the size. */
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { stage } from './stage'

const on = stage()

it('dialogs take the focus and give it back', async () => {
  const [kim, , room] = await on.pair('자판')
  await kim.open(room)
  for (const name of ['방 둘러보기', '방 만들기', '대화 시작']) {
    const button = kim.page.getByRole('button', { name })
    await button.focus()
    await kim.page.keyboard.press('Enter')
    const dialog = kim.page.getByRole('dialog')
    await dialog.waitFor()
    // One can type at once.
    expect(
      await dialog.evaluate((box) => {
        const first = document.activeElement
        return first instanceof HTMLInputElement && box.contains(first)
      }),
    ).toBe(true)
    await kim.page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    await expect.poll(() => button.evaluate((b) => b === document.activeElement)).toBe(true)
  }
})

it('a message is answered, reacted to and edited without a mouse', async () => {
  const [kim, , room] = await on.pair('손만')
  await kim.caller.post(room, '하나')
  await kim.caller.post(room, '둘')
  await kim.open(room)
  await kim.message('둘').focus()
  await kim.page.keyboard.press('ArrowUp')
  const focused = () => kim.page.evaluate(() => document.activeElement?.textContent ?? '')
  expect(await focused()).toContain('하나')
  // A reader hears who said what, and when.
  const heard = await kim.page.evaluate(() => document.activeElement?.getAttribute('aria-label'))
  expect(heard).toMatch(/^철수, 오[전후] \d+:\d\d: 하나$/)
  // Who wrote it comes first, then what can be done with it.
  await kim.page.keyboard.press('Tab')
  expect(await focused()).toBe('철수')
  await kim.page.keyboard.press('Tab')
  await kim.page.keyboard.press('Enter')
  const picker = kim.page.getByRole('group', { name: '반응 남기기' })
  await picker.waitFor()
  await kim.page.keyboard.press('Escape')
  await picker.waitFor({ state: 'detached' })
  await kim.page.getByRole('button', { name: '고치기' }).press('Enter')
  await kim.page.keyboard.type(' 고침')
  await kim.enter()
  await kim.message('하나 고침').waitFor()
  await expect.poll(focused).toContain('하나 고침')
})

it('what is typed or pasted where nothing takes it goes into the room’s field', async () => {
  const [kim, , room] = await on.pair('아무 데서나')
  await kim.caller.post(room, '하나')
  await kim.open(room)
  const nowhere = () =>
    kim.page.evaluate(() => {
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
    })
  await nowhere()
  await kim.page.keyboard.type('hi there')
  expect(await kim.box.inputValue()).toBe('hi there')
  await kim.page.keyboard.press('Control+KeyA')
  await kim.page.keyboard.press('Control+KeyX')
  await nowhere()
  await kim.page.keyboard.press('Control+KeyV')
  expect(await kim.box.inputValue()).toBe('hi there')
  // A syllable that is being composed begins there.
  await kim.box.fill('')
  await nowhere()
  await kim.compose('ㅎ', '하')
  await expect.poll(() => kim.box.inputValue()).toBe('하')
  await kim.box.fill('')
  // A key that means something keeps its meaning.
  await nowhere()
  await kim.page.keyboard.press('Shift+Slash')
  await kim.page.getByRole('dialog').waitFor()
  await kim.page.keyboard.type('x')
  await kim.page.keyboard.press('Escape')
  expect(await kim.box.inputValue()).toBe('')
  // On a message letters act.
  await kim.message('하나').focus()
  await kim.page.keyboard.type('a')
  await kim.page.getByText('나중에 볼 글에 담았어요').first().waitFor()
  expect(await kim.box.inputValue()).toBe('')
})

it('Tab passes by the rows in which one is not', async () => {
  const [kim, , room] = await on.pair('지나가는 길')
  for (let n = 1; n <= 5; n++) {
    const id = await kim.caller.post(room, `글 ${n} https://example.org/${n}`)
    await kim.caller.call('PUT', `/messages/${id}/reactions/${encodeURIComponent('👍')}`)
  }
  await kim.open(room)
  await kim.message('글 5').focus()
  const stops = await kim.page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('.timeline a, .timeline button')]
      .filter((e) => e.tabIndex >= 0)
      .map((e) => e.closest<HTMLElement>('.message')?.querySelector('.text')?.textContent ?? ''),
  )
  expect(new Set(stops.filter((text) => text !== ''))).toEqual(
    new Set(['글 5 https://example.org/5']),
  )
  // A search reads them all; so does whoever goes there by arrows.
  await kim.page.keyboard.press('ArrowUp')
  const link = kim.message('글 4').getByRole('link')
  await expect.poll(() => link.evaluate((e: HTMLElement) => e.tabIndex)).toBe(0)
})

it('everything that can be pressed or filled in has a name, and each page its landmarks', async () => {
  const [kim, lee, room] = await on.pair('이름표')
  await kim.caller.post(room, '글 하나')
  await kim.open(room)
  await kim.message('글 하나').hover()
  await named(kim.page)
  for (const name of ['함께하는 사람', '방 둘러보기', '대화 시작']) {
    await kim.page.getByRole('button', { name }).click()
    const opened = kim.page.locator('dialog[open], aside')
    await opened.waitFor()
    await named(kim.page)
    await kim.page.keyboard.press('Escape')
    await opened.waitFor({ state: 'detached' })
  }
  await kim.page.locator('.room-head').getByRole('button', { name: '글 찾기' }).click()
  await kim.page.getByRole('complementary').waitFor()
  await named(kim.page)
  expect(await kim.page.getByRole('main').count()).toBe(1)
  expect(await kim.page.getByRole('navigation').count()).toBe(1)
  expect(await kim.page.getByRole('complementary').count()).toBe(1)
  expect(await kim.page.getByRole('heading', { level: 1 }).count()).toBe(1)
  // What others say is read out.
  await lee.caller.post(room, '들리는 글')
  await kim.page.locator('[aria-live=polite]', { hasText: '영희: 들리는 글' }).waitFor({
    state: 'attached',
  })
})

it('at twice and four times the size, and on a small telephone, nothing is cut off sideways', async () => {
  const [kim, , room] = await on.pair('아주 긴 이름을 가진 방이라서 다 들어가지 않는 방')
  await kim.caller.post(
    room,
    `긴 글 ${'가나다라마바사'.repeat(30)} https://example.org/${'a'.repeat(200)}`,
  )
  for (const [width, height] of [
    [640, 400],
    [320, 568],
    [320, 256],
  ] as const) {
    await kim.page.setViewportSize({ width, height })
    await kim.open(room)
    await fits(kim.page, width)
    expect(await kim.box.isVisible()).toBe(true)
    // What sends stands at the end of the field, with the tools before it.
    const frame = await kim.page.locator('.room .write-frame').boundingBox()
    const send = await kim.page.locator('.room .send').boundingBox()
    const gap = (frame?.x ?? 0) + (frame?.width ?? 0) - (send?.x ?? 0) - (send?.width ?? 0)
    expect(gap).toBeGreaterThanOrEqual(0)
    expect(gap).toBeLessThan(12)
    await kim.page.getByRole('button', { name: '함께하는 사람' }).click()
    await fits(kim.page, width)
    await kim.page.keyboard.press('Escape')
    await kim.page.goto(on.maru.url)
    await kim.page.locator('.plank').first().waitFor()
    await fits(kim.page, width)
    await kim.page.getByRole('button', { name: '방 둘러보기' }).first().click()
    await kim.page.locator('.directory-room').first().waitFor()
    await fits(kim.page, width)
  }
})

it('the composer grows with its text, also where styles alone cannot', async () => {
  const [kim, , room] = await on.pair('자라는 칸')
  await kim.page.addInitScript(() => {
    const supports = CSS.supports.bind(CSS)
    CSS.supports = (...args: string[]) =>
      args[0] !== 'field-sizing' && supports(...(args as [string, string]))
    document.addEventListener('DOMContentLoaded', () => {
      const style = new CSSStyleSheet()
      style.insertRule('.grow { field-sizing: fixed !important }')
      document.adoptedStyleSheets.push(style)
    })
  })
  await kim.open(room)
  const height = async () => (await kim.box.boundingBox())?.height ?? 0
  const low = await height()
  await kim.box.fill('하나\n둘\n셋\n넷')
  await expect.poll(height).toBeGreaterThan(low + 40)
  await kim.box.press('Enter')
  await expect.poll(height).toBe(low)
})

/** Wider than the window is only what hides or scrolls its own rest. */
async function fits(page: Page, width: number): Promise<void> {
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
  const wide = await page.evaluate((limit) => {
    const all = [
      ...document.querySelectorAll<HTMLElement>('button, input, textarea, .text, h1, h2'),
    ]
    const scrolls = '.unseen, [role=toolbar]'
    const out = all.filter((e) => e.checkVisibility() && !e.closest(scrolls))
    return out.filter((e) => e.getBoundingClientRect().right > limit + 1).map((e) => e.outerHTML)
  }, width)
  expect(wide).toEqual([])
}

async function named(page: Page): Promise<void> {
  const nameless = await page.evaluate(() => {
    const controls = document.querySelectorAll<HTMLElement>('button, input, textarea, select, a')
    return [...controls]
      .filter((e) => e.checkVisibility() && e.getAttribute('aria-hidden') !== 'true')
      .filter((e) => {
        const labels = e instanceof HTMLInputElement ? [...(e.labels ?? [])] : []
        const field = e instanceof HTMLTextAreaElement || e instanceof HTMLSelectElement
        const more = field ? [...e.labels] : labels
        const text = [e.getAttribute('aria-label'), ...more.map((l) => l.textContent)]
        if (!(e instanceof HTMLInputElement) && !field) text.push(e.textContent)
        return text.every((t) => !t?.trim())
      })
      .map((e) => e.outerHTML)
  })
  expect(nameless).toEqual([])
}
