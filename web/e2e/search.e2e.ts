import { expect, it } from 'vitest'
import { stage } from './stage'

const on = stage()

it('finds Korean by its words, marks them, and goes there', async () => {
  const [kim, lee, room] = await on.pair('일')
  await kim.caller.post(room, '내일 서버에서 배포했던 기록을 정리합시다')
  await kim.caller.post(room, '점심은 김치찌개')
  const secret = (
    await kim.caller.call<{ id: number }>('POST', '/rooms', { name: '비밀', kind: 'private' })
  ).id
  await kim.caller.post(secret, '배포 비밀번호')
  await lee.open(room)

  await lee.page.locator('.room-head').getByRole('button', { name: '글 찾기' }).click()
  const field = lee.page.getByRole('combobox', { name: '글 찾기' })
  await field.focus()
  // The index follows the log: ask again until it has.
  const hits = lee.page.locator('.hit')
  await expect
    .poll(
      async () => {
        await field.fill('서버')
        await field.press('Enter')
        await lee.page.locator('.results-total', { hasText: /개를 찾|없어요/ }).waitFor()
        return hits.count()
      },
      { timeout: 20_000 },
    )
    .toBe(1)
  await expect.poll(() => hits.locator('mark').allInnerTexts()).toEqual(['서버'])

  // Typed with the input method, sent by the Enter that ends the syllable.
  await field.fill('')
  await lee.compose('배', '뱊', '배포')
  await lee.key('rawKeyDown', 'Enter', 229)
  await lee.commit('배포')
  await lee.key('keyUp', 'Enter', 229)
  await hits.locator('mark', { hasText: '배포' }).waitFor()
  await expect.poll(() => hits.count()).toBe(1)
  expect(await hits.innerText()).not.toContain('비밀번호')

  await hits.click()
  await expect.poll(() => new URL(lee.page.url()).searchParams.get('m')).not.toBeNull()
  const target = lee.page.locator('.message[data-targeted=true]')
  await expect.poll(() => target.innerText()).toContain('배포했던')
})

it('more results come page by page, each once', async () => {
  const kim = await on.person('철수')
  const room = await kim.caller.room('많은 글')
  for (let n = 0; n < 70; n++) await kim.caller.post(room, `고양이 ${n}마리`)
  await kim.open(room)
  await kim.page.locator('.room-head').getByRole('button', { name: '글 찾기' }).click()
  const field = kim.page.getByRole('combobox', { name: '글 찾기' })
  const total = kim.page.locator('.results-total')
  await expect
    .poll(
      async () => {
        await field.fill('고양이')
        await field.press('Enter')
        await kim.page.locator('.results-total', { hasText: /개를 찾|없어요/ }).waitFor()
        return total.innerText()
      },
      { timeout: 20_000 },
    )
    .toBe('70개를 찾았어요')
  const hits = kim.page.locator('.hit')
  const more = kim.page.getByRole('button', { name: '더 보기' })
  await expect.poll(() => hits.count()).toBe(30)
  await more.click()
  await expect.poll(() => hits.count()).toBe(60)
  await more.click()
  await expect.poll(() => hits.count()).toBe(70)
  await more.waitFor({ state: 'detached' })
  const addresses = await hits.evaluateAll((all) => all.map((hit) => hit.getAttribute('href')))
  expect(new Set(addresses).size).toBe(70)
})
