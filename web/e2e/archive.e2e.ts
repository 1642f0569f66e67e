/** A room is put away and brought back: read and found meanwhile, in no list, and nothing comes in. */
import { expect, it } from 'vitest'
import { administration, row } from './administrator'
import { faults } from './axe'
import { stage } from './stage'

const on = stage()
const { administrator, pageOf } = administration(on)

it('a room is archived, read without being written in, found among the archived, and brought back', async () => {
  const [kim, lee, room] = await on.pair(`지난 일 ${Date.now()}`)
  await lee.caller.post(room, '지난 이야기')
  await Promise.all([kim.open(room), lee.open(room)])
  const { page } = kim
  await page.locator('.room-head').getByRole('button', { name: /메뉴/ }).click()
  await page.getByRole('menuitem', { name: '방 정보와 사람' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: /메뉴/ }).first().click()
  await page.getByRole('menuitem', { name: '보관하기' }).click()
  await dialog.getByText('언제든 되돌릴 수 있어요').waitFor()
  expect(await faults(page)).toEqual([])
  await dialog.getByRole('button', { name: '보관하기' }).click()
  // Both see it at once: nothing to write in, no row in the list.
  for (const person of [kim, lee]) {
    await person.page.getByText('보관한 방이에요').waitFor()
    await person.box.waitFor({ state: 'detached' })
    await expect.poll(() => person.page.locator('.plank', { hasText: '지난 일' }).count()).toBe(0)
  }
  await lee.message('지난 이야기').hover()
  await lee.page.getByRole('button', { name: '링크 복사' }).waitFor()
  expect(await lee.page.getByRole('button', { name: '반응 남기기' }).count()).toBe(0)
  expect(await lee.page.getByRole('button', { name: '다시 열기' }).count()).toBe(0)

  // Among the archived it is found, and read after a fresh start.
  await lee.page.goto(on.maru.url)
  await lee.page.getByRole('button', { name: '방 둘러보기' }).first().click()
  const rooms = lee.page.locator('.directory-room')
  await expect.poll(() => rooms.filter({ hasText: '지난 일' }).count()).toBe(0)
  await lee.page.getByRole('button', { name: '보관한 방' }).click()
  expect(await faults(lee.page)).toEqual([])
  await rooms.filter({ hasText: '지난 일' }).getByRole('button').first().click()
  await lee.message('지난 이야기').waitFor()
  await lee.page.getByText('보관한 방이에요').waitFor()

  // An administrator brings it back.
  const boss = await pageOf(await administrator())
  await boss.goto(`${on.maru.url}/admin/rooms`)
  await boss.getByRole('button', { name: '보관한 방' }).click()
  await row(boss, '지난 일').getByRole('button').click()
  await boss.getByRole('menuitem', { name: '다시 열기' }).click()
  await row(boss, '지난 일').waitFor({ state: 'detached' })
  await boss.context().close()
  await lee.box.waitFor()
  await lee.say('다시 만나요')
  await kim.message('다시 만나요').waitFor()
})
