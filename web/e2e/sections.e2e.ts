/** Sections of the list that somebody made. */
import { expect, it } from 'vitest'
import { stage } from './stage'

const on = stage()

it('a section holds rooms, folds in, is kept with the account and can be dissolved', async () => {
  const kim = await on.person('철수')
  const first = await kim.caller.room(`첫째 ${kim.caller.username}`)
  await kim.caller.room(`둘째 ${kim.caller.username}`)
  await kim.open(first)
  const { page } = kim
  await page.locator('.plank', { hasText: '둘째' }).click({ button: 'right' })
  await page.getByRole('menuitem', { name: '새 묶음에 넣기' }).click()
  await page.getByRole('dialog').getByLabel('묶음 이름').fill('일터')
  await kim.enter()
  const fold = page.getByRole('button', { name: '일터', exact: true })
  const section = page.locator('.section', { has: fold })
  await section.locator('.plank', { hasText: '둘째' }).waitFor()
  await expect.poll(() => section.locator('.plank').count()).toBe(1)

  // With the account, not with the browser.
  await expect
    .poll(async () => {
      const settings = await kim.caller.call<{ rooms?: { sections?: unknown[] } }>(
        'GET',
        '/me/settings',
      )
      return settings.rooms?.sections?.length
    })
    .toBe(1)
  await page.evaluate(() => localStorage.removeItem('maru.rooms'))
  await kim.open(first)
  await section.locator('.plank', { hasText: '둘째' }).waitFor()
  await fold.click()
  await section.locator('.plank').waitFor({ state: 'hidden' })
  await fold.click()
  await section.locator('.plank').waitFor()

  await page.getByRole('button', { name: '일터 묶음 메뉴' }).click()
  await page.getByRole('menuitem', { name: '묶음 풀기' }).click()
  await section.waitFor({ state: 'detached' })
  await page.locator('.plank', { hasText: '둘째' }).waitFor()
})
