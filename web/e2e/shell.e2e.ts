/** The frame around the talk: dialogs, the switcher, keys, settings, signing out. */
import { expect, it } from 'vitest'
import { newContext } from './browser'
import { stage } from './stage'

const on = stage()

it('a dialog begins where one types, and typed text is not lost without a question', async () => {
  const [kim, , room] = await on.pair('앞마당')
  await kim.open(room)
  const dialog = kim.page.getByRole('dialog')
  await kim.page.getByRole('button', { name: '방 만들기' }).click()
  await dialog.waitFor()
  await kim.page.keyboard.type('마루 앞마당')
  const name = dialog.getByLabel('방 이름')
  expect(await name.inputValue()).toBe('마루 앞마당')
  // Escape, twice, and a click outside: it asks each time.
  await kim.page.keyboard.press('Escape')
  await dialog.getByText('쓴 것을 버릴까요?').waitFor()
  await kim.page.keyboard.press('Escape')
  await dialog.getByRole('button', { name: '계속 쓰기' }).click()
  await kim.page.mouse.click(5, 5)
  await dialog.getByText('쓴 것을 버릴까요?').waitFor()
  await dialog.getByRole('button', { name: '계속 쓰기' }).click()
  expect(await name.inputValue()).toBe('마루 앞마당')
  await kim.page.keyboard.press('Escape')
  await dialog.getByRole('button', { name: '버리기' }).click()
  await dialog.waitFor({ state: 'detached' })
})

it('the switcher opens at every width, beside search too, and finds rooms that one is not in', async () => {
  const [kim, lee, room] = await on.pair('여기')
  await lee.caller.room('멀리 있는 방')
  await kim.open(room)
  for (const width of [1200, 700, 360]) {
    await kim.page.setViewportSize({ width, height: 700 })
    await kim.page.keyboard.press('Control+KeyK')
    const field = kim.page.getByRole('dialog').getByRole('combobox')
    await field.fill('ㅁㄹ')
    await kim.page.getByRole('option', { name: '멀리 있는 방' }).waitFor()
    await kim.page.keyboard.press('Escape')
    await field.waitFor({ state: 'detached' })
    await kim.page.goto(`${on.maru.url}/rooms/${room}/search?q=x`)
    await kim.online()
  }
  await kim.page.keyboard.press('Control+KeyK')
  await kim.page.getByRole('dialog').getByRole('combobox').fill('설정')
  await kim.page.keyboard.press('Enter')
  await expect.poll(() => new URL(kim.page.url()).pathname).toBe('/settings')
})

it('a number says mentions, a dot says news, and both are read out', async () => {
  const [kim, lee, room] = await on.pair('소식통')
  const other = await lee.caller.room('다른 곳')
  await kim.caller.call('POST', `/rooms/${other}/join`)
  for (let n = 0; n < 9; n++) await lee.caller.post(other, `소식 ${n}`)
  await lee.caller.post(other, `@${kim.caller.username} 보세요`)
  await lee.caller.post(room, '그냥 소식')
  await kim.page.goto(`${on.maru.url}/settings`)
  const plank = kim.page.locator('.plank', { hasText: '다른 곳' })
  await expect.poll(() => plank.locator('.badge').innerText()).toBe('1')
  await expect.poll(() => plank.innerText()).toContain('읽지 않은 글 10개, 나를 부른 글 1개')
  const quiet = kim.page.locator('.plank', { hasText: '소식통' })
  await quiet.locator('.dot').waitFor()
  expect(await quiet.locator('.badge').count()).toBe(0)
})

it('keys: Alt and arrows between rooms, ? for all of them', async () => {
  const kim = await on.person('철수')
  const [a, b] = [await kim.caller.room('가'), await kim.caller.room('나')]
  await kim.open(a)
  const at = () => new URL(kim.page.url()).pathname
  await kim.page.keyboard.press('Alt+ArrowDown')
  await expect.poll(at).toBe(`/rooms/${b}`)
  await kim.page.keyboard.press('Alt+ArrowUp')
  await expect.poll(at).toBe(`/rooms/${a}`)
  await kim.box.waitFor()
  // While one writes, a question mark is one.
  await kim.box.press('Shift+Slash')
  expect(await kim.page.getByRole('dialog').count()).toBe(0)
  await kim.page.keyboard.press('Control+Slash')
  await kim.page.getByRole('dialog', { name: '단축키' }).waitFor()
})

it('the language changes without a reload, the theme at once, and both stay', async () => {
  const kim = await on.person('철수')
  await kim.page.goto(`${on.maru.url}/settings/appearance`)
  await kim.page.evaluate(() => {
    ;(window as unknown as { same: boolean }).same = true
  })
  await kim.page.getByText('English', { exact: true }).click()
  await kim.page.getByRole('heading', { name: 'Settings' }).waitFor()
  await kim.page.locator('.sidebar').getByText('Direct messages').waitFor()
  expect(await kim.page.evaluate(() => 'same' in window)).toBe(true)
  expect(await kim.page.evaluate(() => document.documentElement.lang)).toBe('en')
  await kim.page.getByText('Dark', { exact: true }).click()
  const scheme = () =>
    kim.page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)
  await expect.poll(scheme).toBe('dark')
  await kim.page.reload()
  await kim.page.getByRole('heading', { name: 'Settings' }).waitFor()
  expect(await scheme()).toBe('dark')
})

it('nothing found: fewer filters and other words are offered, and lead on', async () => {
  const [kim, , room] = await on.pair('찾는 방')
  await kim.caller.post(room, '오늘은 배포하는 날')
  await kim.open(room)
  const field = kim.page.getByRole('combobox', { name: '글 찾기' })
  await kim.page.locator('.room-head').getByRole('button', { name: '글 찾기' }).click()
  await field.waitFor()
  await expect
    .poll(async () => {
      await field.fill('배포')
      await field.press('Enter')
      await kim.page.locator('.results-total', { hasText: /개를 찾|없어요/ }).waitFor()
      return kim.page.locator('.hit').count()
    })
    .toBe(1)
  await field.fill('배포 뷁뷁 from:아무도아닌사람')
  await field.press('Enter')
  await kim.page.getByText('‘아무도아닌사람’').waitFor()
  await kim.page.getByRole('button', { name: '빼기: 쓴 사람: 아무도아닌사람' }).click()
  const hit = kim.page.locator('.hit')
  const looser = kim.page.getByRole('button', { name: '‘배포’ 찾기' })
  // The server may know what was meant; else it is offered.
  await hit.or(looser).first().waitFor()
  if (await looser.isVisible()) await looser.click()
  await hit.waitFor()
  // The place has an address; what is open is marked, and closing gives the focus back.
  expect(new URL(kim.page.url()).searchParams.get('q')).toMatch(/^배포/)
  await hit.click()
  await kim.page.locator('.hit[aria-current=true]').waitFor()
  await hit.press('Escape')
  const opener = kim.page.locator('.room-head').getByRole('button', { name: '글 찾기' })
  await expect.poll(() => opener.evaluate((b) => b === document.activeElement)).toBe(true)
  // Opened again, it shows what was found before.
  await opener.click()
  await hit.waitFor()
})

it('signing out works without a network, and leaves nothing behind', async () => {
  const [kim, , room] = await on.pair('떠나는 방')
  await kim.open(room)
  await kim.box.fill('쓰다 만 글')
  await kim.page.waitForFunction(() =>
    performance.getEntriesByType('resource').some(({ name }) => name.includes('SignOut')),
  )
  await kim.page.context().setOffline(true)
  await kim.page.getByRole('button', { name: '마루 메뉴' }).click()
  await kim.page.getByRole('menuitem', { name: '로그아웃' }).click()
  await kim.page.getByRole('dialog').getByRole('button', { name: '로그아웃' }).click()
  await kim.page.getByText('연결되는 대로').waitFor()
  const kept = () => kim.page.evaluate(() => Object.keys(localStorage))
  expect(await kept()).toEqual(['maru.leaving'])
  const ended = kim.page.waitForResponse((answer) => answer.url().endsWith('/logout'))
  await kim.page.context().setOffline(false)
  expect((await ended).status()).toBeLessThan(300)
  await kim.page.reload()
  await kim.page.getByRole('heading', { name: '마루에 로그인' }).waitFor()
})

it('what is wrong with a new account is said before it is sent', async () => {
  const page = await (await newContext(on.browser)).newPage()
  await page.goto(`${on.maru.url}/signup`)
  await page.getByLabel('아이디', { exact: true }).fill('a b')
  await page.getByLabel('비밀번호', { exact: true }).fill('1234')
  await page.getByText('띄어쓰기를 쓸 수 없어요').waitFor()
  await page.getByLabel('이름', { exact: true }).focus()
  await page.getByText('조금 더 길게').waitFor()
  await page.context().close()
})
