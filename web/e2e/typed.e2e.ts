/** What somebody typed is never lost. Two tabs, dialogs and the network are in other files. */
import { expect, it } from 'vitest'
import { newContext } from './browser'
import { password } from './maru'
import { stage } from './stage'

const on = stage()

it('typed text outlives a page that crashes', async () => {
  const kim = await on.person('철수')
  const room = await kim.caller.room(`무너진 방 ${kim.caller.username}`)
  await kim.open(room)
  await kim.box.pressSequentially('아직 보내지 않은 글')
  const context = kim.page.context()
  const crashed = kim.page.waitForEvent('crash')
  await kim.page.goto('chrome://crash').catch(() => undefined)
  await crashed
  const page = await context.newPage()
  await page.goto(`${on.maru.url}/rooms/${room}`)
  const box = page.locator('.room .composer textarea')
  await box.waitFor()
  expect(await box.inputValue()).toBe('아직 보내지 않은 글')
  // The caret is behind it.
  await box.press('End')
  await box.pressSequentially('이에요')
  await box.press('Enter')
  await expect.poll(() => kim.caller.texts(room)).toEqual(['아직 보내지 않은 글이에요'])
})

it('typed text outlives a session that ends elsewhere, and is nobody else’s', async () => {
  const kim = await on.person('철수')
  const lee = await on.person('영희')
  const room = await kim.caller.room(`끝난 방 ${kim.caller.username}`)
  await lee.caller.call('POST', `/rooms/${room}/join`)
  await kim.open(room)
  await kim.box.pressSequentially('쓰다가 쫓겨난 글')
  const other = await newContext(on.browser)
  const data = { username: kim.caller.username, password: password(kim.caller.username) }
  await other.request.post(`${on.maru.url}/api/v1/login`, { data })
  await other.request.delete(`${on.maru.url}/api/v1/sessions`)
  await other.close()
  await kim.page.locator('form').waitFor()

  const signIn = async (username: string) => {
    await kim.page.locator('input[name=username]').fill(username)
    await kim.page.locator('input[name=password]').fill(password(username))
    await kim.page.locator('input[name=password]').press('Enter')
    await kim.box.waitFor()
  }
  // Somebody else at the same machine finds nothing of it.
  await signIn(lee.caller.username)
  await kim.page.goto(`${on.maru.url}/rooms/${room}`)
  await kim.box.waitFor()
  expect(await kim.box.inputValue()).toBe('')
  await kim.page.evaluate(() =>
    fetch('/api/v1/sessions', { method: 'DELETE', headers: { accept: 'application/json' } }),
  )
  await kim.page.locator('form').waitFor()
  await signIn(kim.caller.username)
  await expect.poll(() => kim.box.inputValue()).toBe('쓰다가 쫓겨난 글')
})
