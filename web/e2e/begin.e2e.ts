/** Beginnings: an empty workspace, an invitation that is over, what another app shares. */
import { expect, it } from 'vitest'
import { newContext } from './browser'
import { stage } from './stage'

const on = stage()

it('an empty workspace leads through three steps that finish themselves', async () => {
  const link = on.maru.setupLink
  if (!link) throw new Error('no setup link')
  const context = await newContext(on.browser)
  const page = await context.newPage()
  await page.goto(link)
  await page.locator('input[name=username]').fill('owner')
  await page.locator('input[name=password]').fill('집주인의 긴 비밀번호 42')
  await page.locator('form button[type=submit]').click()
  const steps = page.getByRole('region', { name: '마루 시작하기' })
  await steps.getByText('0 / 3').waitFor()
  await steps.getByRole('button', { name: '첫 방 만들기' }).click()
  await page.getByRole('dialog').getByLabel('방 이름').fill('앞마당')
  await page.keyboard.press('Enter')
  await steps.getByText('1 / 3').waitFor()
  await page.locator('.room .composer textarea').fill('첫 글')
  await page.keyboard.press('Enter')
  await steps.getByText('2 / 3').waitFor()
  // Somebody comes.
  const kim = await on.person('철수')
  const rooms = await kim.caller.call<{ rooms: { id: number }[] }>('GET', '/rooms/directory')
  await kim.caller.call('POST', `/rooms/${rooms.rooms[0]?.id ?? 0}/join`)
  await steps.waitFor({ state: 'detached' })
  await page.reload()
  await page.locator('.me').waitFor()
  expect(await steps.count()).toBe(0)
  await context.close()
})

it('an invitation that is over says so before anybody fills in a form', async () => {
  const context = await newContext(on.browser)
  const page = await context.newPage()
  await page.goto(`${on.maru.url}/signup?invite=nothing`)
  await page.getByText('이 초대는 이미 쓰였거나').waitFor()
  expect(await page.locator('input').count()).toBe(0)
  await context.close()
})

it('what another app shares becomes a draft of the room that is chosen', async () => {
  const kim = await on.person('영희')
  const room = await kim.caller.room(`나눔터 ${kim.caller.username}`)
  const query = new URLSearchParams({
    title: '소식',
    text: '읽어 보세요',
    url: 'https://a.example',
  })
  await kim.page.goto(`${on.maru.url}/share?${query}`)
  await kim.page.locator('.share .choice', { hasText: '나눔터' }).click()
  await kim.box.waitFor()
  await expect.poll(() => kim.box.inputValue()).toBe('소식\n읽어 보세요\nhttps://a.example')
  expect(kim.page.url()).toContain(`/rooms/${room}`)
  expect(await kim.caller.texts(room)).toEqual([])
})
