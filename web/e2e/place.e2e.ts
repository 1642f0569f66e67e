/** Where one is: one's own words in sight, the unread line, coming back, the phone's way back. */
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { shifts, watchShifts } from './axe'
import type { Person } from './browser'
import { stage } from './stage'

const on = stage()

async function fill(person: Person, room: number, count: number, text = '번째 글') {
  const ids: number[] = []
  for (let n = 0; n < count; n++) ids.push(await person.caller.post(room, `${n}${text}`))
  return ids
}

const inView = (page: Page, text: string) =>
  page.evaluate((wanted) => {
    const row = [...document.querySelectorAll('.room .message')].find((m) =>
      m.querySelector('.text')?.textContent.startsWith(wanted),
    )
    const box = row?.closest('.timeline')?.getBoundingClientRect()
    const { top, bottom } = row?.getBoundingClientRect() ?? { top: 1, bottom: 0 }
    return box !== undefined && top >= box.top - 1 && bottom <= box.bottom + 1
  }, text)

const frames = (page: Page, count: number) =>
  page.evaluate(async (wanted) => {
    for (let n = 0; n < wanted; n++) await new Promise(requestAnimationFrame)
  }, count)

const lines = (page: Page) => page.locator('.room .unread-line').count()
const path = (page: Page) => new URL(page.url()).pathname + new URL(page.url()).search

it('what one writes from somewhere in the past is seen, and typing goes where one writes', async () => {
  const [kim, , room] = await on.pair('옛날')
  const ids = await fill(kim, room, 130)
  await kim.open(room, ids[5])
  await kim.page.locator('.message[data-targeted=true]').waitFor()
  await expect.poll(() => inView(kim.page, '5번째 글')).toBe(true)
  await kim.page.keyboard.type('여기 있어요')
  await kim.page.keyboard.press('Enter')
  await expect.poll(() => inView(kim.page, '여기 있어요')).toBe(true)
  await expect.poll(() => kim.page.locator('.message-pending').count()).toBe(0)
  expect((await kim.texts()).at(-2)).toBe('129번째 글')
  // A reload does not lead back into the past.
  expect(path(kim.page)).toBe(`/rooms/${room}`)
})

it('the newest part of a room is shown from its end, also where it begins in what was shown', async () => {
  const [kim, , room] = await on.pair('겹친 쪽')
  const ids = await fill(kim, room, 200)
  await kim.open(room, ids[100])
  // The pages around it came by themselves, and end in the middle of the newest one.
  await kim.page.locator(`[data-id="${ids[160]}"]`).waitFor({ state: 'attached' })
  await kim.page.keyboard.type('끝에 있어요')
  await kim.page.keyboard.press('Enter')
  await kim.message('끝에 있어요').and(kim.page.locator('[data-id]')).waitFor()
  await kim.page.locator('.to-newest').waitFor({ state: 'detached' })
  await frames(kim.page, 30)
  expect(await inView(kim.page, '끝에 있어요')).toBe(true)
  expect(await kim.page.locator('.to-newest').count()).toBe(0)
})

it('in the middle of a long room each page is asked for once', async () => {
  const [kim, , room] = await on.pair('한가운데')
  const ids = await fill(kim, room, 200)
  const asked: string[] = []
  kim.page.on('request', (request) => {
    if (request.url().includes('/messages?')) asked.push(request.url())
  })
  await kim.open(room, ids[100])
  await kim.page.locator(`[data-id="${ids[160]}"]`).waitFor({ state: 'attached' })
  await kim.page.locator(`[data-id="${ids[40]}"]`).waitFor({ state: 'attached' })
  await frames(kim.page, 30)
  expect(asked).toHaveLength(2)
})

it('no line is drawn under what one watches, one is for what came while one was away', async () => {
  const [kim, lee, room] = await on.pair('보는 방')
  await kim.caller.post(room, '처음')
  await kim.open(room)
  await kim.reads(['처음'])
  await lee.caller.post(room, '둘째')
  await kim.reads(['처음', '둘째'])
  expect(await lines(kim.page)).toBe(0)
  expect(await kim.page.locator('.plank .dot').count()).toBe(0)
  // Somebody goes away from the window.
  await kim.page.evaluate(() => {
    document.hasFocus = () => false
    window.dispatchEvent(new Event('blur'))
  })
  await lee.caller.post(room, '셋째')
  await kim.page.locator('.room .unread-line').waitFor()
  const below = await kim.page
    .locator('.messages > li')
    .evaluateAll((all) => all[all.findIndex((li) => li.matches('.unread-line')) + 1]?.textContent)
  expect(below).toContain('셋째')
  await kim.page.evaluate(() => {
    document.hasFocus = () => true
    window.dispatchEvent(new Event('focus'))
  })
  await kim.page.locator('.plank .dot').waitFor({ state: 'detached' })
  await kim.say('알겠어요')
  await kim.reads(['처음', '둘째', '셋째', '알겠어요'])
  expect(await lines(kim.page)).toBe(0)
})

it('reading moves as one scrolls, and one comes back to where one was', async () => {
  const [kim, lee, room] = await on.pair('긴 소식')
  const elsewhere = await lee.caller.room('딴 방')
  await lee.caller.call('POST', `/rooms/${room}/read`, {
    message_id: await kim.caller.post(room, '읽은 글'),
  })
  await fill(kim, room, 100)
  await lee.open(elsewhere)
  const plank = lee.page.locator('.plank', { hasText: '긴 소식' })
  await plank.locator('.dot').waitFor()
  await plank.click()
  // The first unread message, under a little of what was read.
  await expect.poll(() => inView(lee.page, '0번째 글')).toBe(true)
  await expect.poll(() => inView(lee.page, '읽은 글')).toBe(true)
  const timeline = lee.page.locator('.room .timeline')
  await timeline.hover()
  for (let n = 0; n < 8; n++) {
    await lee.page.mouse.wheel(0, 150)
    await lee.page.waitForTimeout(50)
  }
  const left = async () =>
    parseInt((await plank.locator('.unseen').first().innerText()).replace(/\D+/g, ''))
  await expect.poll(left).toBeLessThan(80)
  expect(await left()).toBeGreaterThan(20)
  // The page below is on its way: it is near.
  await expect.poll(() => timeline.locator('[data-id]').count()).toBe(101)
  const held = await timeline.evaluate((box) => {
    const edge = box.getBoundingClientRect().top
    const all = [...box.querySelectorAll<HTMLElement>('[data-id]')]
    return all.find((m) => m.getBoundingClientRect().bottom > edge)?.dataset.id ?? ''
  })
  const top = async () => (await lee.page.locator(`[data-id="${held}"]`).boundingBox())?.y ?? 1e9
  const before = await top()
  const asked: string[] = []
  lee.page.on('request', (request) => {
    if (request.url().includes('/messages')) asked.push(request.url())
  })
  await lee.page.locator('.plank', { hasText: '딴 방' }).click()
  await lee.page.getByRole('heading', { name: '딴 방' }).waitFor()
  await plank.click()
  await lee.page.getByRole('heading', { name: '긴 소식' }).waitFor()
  await expect.poll(async () => Math.abs((await top()) - before)).toBeLessThan(2)
  expect(asked).toEqual([])
  expect(await lines(lee.page)).toBe(1)
})

it('a room that could not be loaded is loaded when the network is back', async () => {
  const [kim, , room] = await on.pair('굴 속')
  await kim.caller.post(room, '기다린 글')
  let broken = true
  await kim.page.route('**/messages?*', (route) => (broken ? route.abort() : route.continue()))
  // What is opened first comes with the page; the next one is asked for.
  await kim.open(await kim.caller.room(`굴 밖 ${room}`))
  await kim.page.locator('.plank', { hasText: '굴 속' }).click()
  await kim.page.locator('.room .problem').waitFor()
  broken = false
  await kim.reads(['기다린 글'])
  expect(await kim.page.locator('.room .problem').count()).toBe(0)
})

it('a room with news is opened at them, and what comes behind moves nothing', async () => {
  const [kim, lee, room] = await on.pair('새 소식')
  await lee.caller.call('POST', `/rooms/${room}/read`, {
    message_id: await kim.caller.post(room, '읽은 글'),
  })
  await fill(kim, room, 60, '번째 글 '.repeat(12))
  await watchShifts(lee.page)
  for (const width of [1200, 390]) {
    await lee.page.setViewportSize({ width, height: 800 })
    await lee.open(room)
    await lee.page.locator('.room .unread-line').waitFor()
    // What comes behind is there.
    await lee.page.locator('.room .composer .send').waitFor()
    await frames(lee.page, 30)
    expect(await shifts(lee.page)).toEqual([])
  }
})

it("neither a confirmation nor a short break moves a row, and one's second message joins the first", async () => {
  const [kim, , room] = await on.pair('가만히')
  const line = await kim.line()
  await kim.open(room)
  await kim.say('하나')
  await kim.reads(['하나'])
  await kim.page.evaluate(() => {
    const seen = { most: 0 }
    ;(window as unknown as { shifts: typeof seen }).shifts = seen
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        seen.most = Math.max(seen.most, (entry as PerformanceEntry & { value: number }).value)
      }
    }).observe({ type: 'layout-shift' })
  })
  const places = kim.page.evaluate(async () => {
    const places = new Set<string>()
    const begin = performance.now()
    while (performance.now() - begin < 1500) {
      await new Promise((then) => requestAnimationFrame(then))
      const row = document.querySelectorAll('.room .message')[1]
      const { top, height } = row?.getBoundingClientRect() ?? {}
      if (row) places.add(`${top} ${height}`)
    }
    return [...places]
  })
  await kim.say('둘')
  expect(await places).toHaveLength(1)
  await kim.reads(['하나', '둘'])
  const first = kim.message('하나')
  await kim.page.evaluate(
    () => ((window as unknown as { shifts: { most: number } }).shifts.most = 0),
  )
  const before = await first.boundingBox()
  await line.cut()
  await kim.page.locator('[data-link=offline]').waitFor({ state: 'attached' })
  expect(await first.boundingBox()).toEqual(before)
  const shifts = await kim.page.evaluate(
    () => (window as unknown as { shifts: { most: number } }).shifts.most,
  )
  expect(shifts).toBe(0)
})

it("on a phone the arrow and the system's Back are one way", async () => {
  const [kim, , room] = await on.pair('손전화')
  const root = await kim.caller.post(room, '물음')
  await kim.caller.post(room, '답', { reply_to: root })
  await kim.page.setViewportSize({ width: 390, height: 844 })
  await kim.page.goto(on.maru.url)
  await kim.page.locator('.plank', { hasText: '손전화' }).click()
  await kim.message('물음').getByRole('button', { name: '답글 1개' }).click()
  await kim.panel.getByText('답', { exact: true }).waitFor()
  expect(path(kim.page)).toBe(`/rooms/${room}/thread/${root}`)
  await kim.panel.getByRole('button', { name: '뒤로' }).click()
  await kim.box.waitFor()
  expect(path(kim.page)).toBe(`/rooms/${room}`)
  await kim.page.locator('.room-head .narrow').click()
  await kim.page.locator('.plank', { hasText: '손전화' }).waitFor()
  expect(path(kim.page)).toBe('/')
  await kim.page.goBack().catch(() => undefined)
  expect(path(kim.page)).not.toContain('/rooms/')
})

it('every place has an address; the unknown one says so, and the door is closed behind one', async () => {
  const [kim, , room] = await on.pair('주소')
  await kim.page.goto(`${on.maru.url}/no/such/place`)
  await kim.page.getByRole('heading', { name: '없는 주소예요.' }).waitFor()
  await kim.page.goto(`${on.maru.url}/signup?invite=x`)
  await expect.poll(() => path(kim.page)).not.toContain('signup')
  await kim.page.goto(`${on.maru.url}/rooms/${room}/members`)
  await kim.panel.locator('strong', { hasText: '영희' }).waitFor()
  await kim.panel.press('Escape')
  await kim.panel.waitFor({ state: 'detached' })
  expect(path(kim.page)).toBe(`/rooms/${room}`)
  // A start without an address begins where one was.
  await kim.page.goto(on.maru.url)
  await expect.poll(() => path(kim.page)).toBe(`/rooms/${room}`)
})
