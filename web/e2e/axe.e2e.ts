/** Each state of the app under axe: by day in Korean on a desk, by night in English on a phone. */
import { expect, it } from 'vitest'
import { faults, shifts, watchShifts } from './axe'
import { Caller, password } from './maru'
import { stage } from './stage'

const on = stage()

it.each([
  ['ko-KR', 'light', 1200],
  ['en-US', 'dark', 390],
] as const)('%s, %s, %i px', { timeout: 120_000 }, async (locale, colorScheme, width) => {
  // Names of its own for a second try.
  const run = `${colorScheme}-${Date.now()}`
  const kim = await Caller.signUp(on.maru, `kim-${run}`, '김철수')
  const lee = await Caller.signUp(on.maru, `lee-${run}`, '이영희')
  const room = await kim.room(`앞마당 ${run}`)
  await lee.call('POST', `/rooms/${room}/join`)
  const first = await lee.post(room, '**굵게**, `코드`, https://example.org/가')
  await kim.call('PUT', `/messages/${first}/reactions/${encodeURIComponent('👍')}`)
  await lee.post(room, `@${kim.username} 보세요`, { reply_to: first, also_in_room: true })

  const context = await on.browser.newContext({
    locale,
    colorScheme,
    viewport: { width, height: 800 },
    reducedMotion: 'reduce',
  })
  context.setDefaultTimeout(20_000)
  const page = await context.newPage()
  await watchShifts(page)
  const found: Record<string, string[]> = {}
  const look = async (state: string) => {
    const wrong = [...(await faults(page)), ...(await shifts(page))]
    if (wrong.length > 0) found[state] = wrong
  }
  const at = (path: string) => page.goto(on.maru.url + path)

  await at('/signup')
  await page.locator('input[name=password]').fill('1')
  await page.locator('input[name=username]').focus()
  await look('signing up')

  const data = { username: kim.username, password: password(kim.username) }
  await context.request.post(`${on.maru.url}/api/v1/login`, { data })
  await at(`/rooms/${room}`)
  await page.locator('.message').nth(1).waitFor()
  await look('room')
  for (const keys of ['Control+KeyK', 'Control+Slash']) {
    await page.keyboard.press(keys)
    await page.locator('dialog[open]').waitFor()
    await look(keys)
    await page.keyboard.press('Escape')
    await page.locator('dialog[open]').waitFor({ state: 'detached' })
  }
  await page.locator('.message').last().hover()
  await look('tools')
  await page.getByRole('button', { name: /더 하기|More actions/ }).click()
  await page.locator('[role=menu]').waitFor()
  await look('message menu')
  await page.keyboard.press('Escape')
  await page.locator('.author').last().click()
  await page.locator('.profile').waitFor()
  await look('profile')
  await page.keyboard.press('Escape')
  await kim.call('PUT', `/messages/${first}/pin`)
  await kim.call('PUT', `/messages/${first}/save`)
  await kim.call('POST', `/rooms/${room}/scheduled`, {
    text: '나중에',
    send_at: new Date(Date.now() + 3_600_000).toISOString(),
  })
  for (const place of ['pins', 'files', `thread/${first}`]) {
    await at(`/rooms/${room}/${place}`)
    await page.locator('.panel :is(.card, .panel-empty, .message)').first().waitFor()
    await look(place)
  }
  for (const place of ['threads', 'mentions', 'saved', 'later']) {
    await at(`/${place}`)
    await page.locator('.place-page .card').first().waitFor()
    await look(place)
  }
  await at(`/rooms/${room}/members`)
  await page.locator('.panel .choice .tag').waitFor()
  await look('members')
  await page.locator('.panel .choice .quiet').click()
  await page.locator('[role=menu]').waitFor()
  await look('menu')
  await at(`/rooms/${room}/search?q=${encodeURIComponent('아무도 from:kim')}`)
  await page.locator('.ways button, .hit').first().waitFor()
  await look('search')
  for (const section of ['profile', 'appearance', 'keyboard', 'password', 'sessions']) {
    await at(`/settings/${section}`)
    await page.locator('.pages-content :is(form, fieldset, ul)').first().waitFor()
    await look(section)
  }
  await at('/nowhere')
  await page.getByRole('heading', { level: 1 }).waitFor()
  await look('unknown')
  await context.close()
  expect(found).toEqual({})
})
