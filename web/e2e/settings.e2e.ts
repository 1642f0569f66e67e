/** Settings live with the account: in all tabs and devices, at once. */
import { expect, it } from 'vitest'
import { newContext } from './browser'
import { password } from './maru'
import { stage } from './stage'

const on = stage()

it('what is chosen on one device is seen on the other, without a reload', async () => {
  const kim = await on.person('철수')
  const room = await kim.caller.room(`마당 ${kim.caller.username}`)
  await kim.open(room)
  const context = await newContext(on.browser)
  const data = { username: kim.caller.username, password: password(kim.caller.username) }
  await context.request.post(`${on.maru.url}/api/v1/login`, { data })
  const phone = await context.newPage()
  await phone.goto(`${on.maru.url}/settings/appearance`)
  await phone.getByText('어둡게').click()
  await phone.getByText('English').click()
  const look = () =>
    kim.page.evaluate(() => [document.documentElement.dataset.theme, document.documentElement.lang])
  await expect.poll(look).toEqual(['dark', 'en'])
  const kept = await kim.caller.call('GET', '/me/settings')
  expect(kept).toMatchObject({ theme: 'dark', language: 'en' })
  await context.close()
})

it('notifications have a page of their own, and times of quiet', async () => {
  const kim = await on.person('영희')
  await kim.caller.room(`뒷마당 ${kim.caller.username}`)
  await kim.page.goto(`${on.maru.url}/settings/notifications`)
  const quiet = kim.page.getByRole('group', { name: '조용한 시간' })
  await quiet.getByText('켬').click()
  await kim.page.getByLabel('부터').fill('21:30')
  await expect
    .poll(() => kim.caller.call('GET', '/me/settings'))
    .toMatchObject({ quiet: 'on', quiet_from: '21:30' })
})
