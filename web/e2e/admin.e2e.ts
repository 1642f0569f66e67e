/** What administrators and people with programs do, each from the screen to the wire and back. */
import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { administration, row } from './administrator'
import { faults, shifts, watchShifts } from './axe'
import { stage } from './stage'

const on = stage()
const { administrator, pageOf } = administration(on)

it('a token is made, shown once, used, and revoked', async () => {
  const kim = await on.person('철수')
  const { page } = kim
  await page.goto(`${on.maru.url}/settings/tokens`)
  await page.getByRole('button', { name: '새 토큰' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('이름', { exact: true }).fill('배포 스크립트')
  await dialog.getByText('고르기').click()
  await dialog.getByLabel('방 읽기').check()
  await dialog.getByRole('button', { name: '만들기' }).click()
  const token = await dialog.getByLabel('‘배포 스크립트’의 토큰').inputValue()
  expect(token).toMatch(/^maru_pat_/)
  await dialog.getByRole('button', { name: '닫기' }).last().click()
  const as = (path: string) =>
    fetch(`${on.maru.url}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } })
  expect((await as('/rooms')).status).toBe(200)
  expect((await as('/me/settings')).status).toBe(403)
  await page.reload()
  await row(page, '배포 스크립트').getByText('방 읽기').waitFor()
  await expect.poll(() => row(page, '배포 스크립트').innerText()).not.toContain('아직 없음')
  await row(page, '배포 스크립트').getByRole('button').click()
  await page.getByRole('menuitem', { name: '거두기' }).click()
  await dialog.getByRole('button', { name: '거두기' }).click()
  await row(page, '배포 스크립트').waitFor({ state: 'detached' })
  expect((await as('/rooms')).status).toBe(401)
})

it('what is one’s own is downloaded', async () => {
  const kim = await on.person('영희')
  const room = await kim.caller.room(`마당 ${kim.caller.username}`)
  await kim.caller.post(room, '가져갈 글')
  await kim.page.goto(`${on.maru.url}/settings/data`)
  const coming = kim.page.waitForEvent('download')
  await kim.page.getByRole('link', { name: '내려받기' }).click()
  const file = await (await coming).path()
  expect(await readFile(file, 'utf8')).toContain('가져갈 글')
})

it('an incoming webhook posts into a room; its address is changed', async () => {
  const kim = await on.person('철수')
  const name = `훅 ${kim.caller.username}`
  const room = await kim.caller.room(name)
  const boss = await pageOf(await administrator())
  await boss.goto(`${on.maru.url}/admin/hooks`)
  await boss.getByRole('button', { name: '새 받는 웹훅' }).click()
  const dialog = boss.getByRole('dialog')
  await dialog.getByLabel('이름', { exact: true }).fill('빌드')
  await dialog.getByLabel('방', { exact: true }).selectOption({ label: name })
  await dialog.getByRole('button', { name: '만들기' }).click()
  const first = await dialog.getByLabel('보낼 주소').inputValue()
  const send = async (url: string) =>
    (
      await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ text: '빌드가 끝났어요' }),
      })
    ).status
  expect(await send(first)).toBe(200)
  await expect.poll(() => kim.caller.texts(room)).toEqual(['빌드가 끝났어요'])
  await dialog.getByRole('button', { name: '닫기' }).last().click()
  await row(boss, '빌드').getByRole('button').click()
  await boss.getByRole('menuitem', { name: '주소 바꾸기' }).click()
  await dialog.getByRole('button', { name: '주소 바꾸기' }).click()
  const second = await dialog.getByLabel('보낼 주소').inputValue()
  expect(second).not.toBe(first)
  expect(await send(first)).toBe(404)
  expect(await send(second)).toBe(200)
  await boss.context().close()
})

it('rooms: how long messages are kept, and what would go, before it is said', async () => {
  const kim = await on.person('영희')
  const name = `오래된 방 ${kim.caller.username}`
  await on.maru.import([
    { id: `old ${name}`, room: name, user: 'kim', sent_at: '2024-01-01T00:00:00Z', text: '옛 글' },
  ])
  const boss = await pageOf(await administrator())
  await boss.goto(`${on.maru.url}/admin/rooms`)
  await boss.getByLabel('걸러 보기').fill(name)
  await row(boss, name).getByText('방장 없음').waitFor()
  await row(boss, name).getByRole('button').click()
  await boss.getByRole('menuitem', { name: '글을 두는 기간' }).click()
  const dialog = boss.getByRole('dialog')
  await dialog.getByText('지금은 지워질 것이 없어요').waitFor()
  await dialog.getByText('정한 날만큼').click()
  await dialog.getByText(/글 1개와 파일 0개/).waitFor()
  await dialog.getByRole('button', { name: '저장' }).click()
  await row(boss, name).getByText('365일').waitFor()
  await boss.context().close()
})

it('search is taught a word, and shows how it cuts a text', async () => {
  const boss = await pageOf(await administrator())
  await boss.goto(`${on.maru.url}/admin/words`)
  await boss.getByRole('button', { name: '낱말 가르치기' }).click()
  const dialog = boss.getByRole('dialog')
  await dialog.getByLabel('낱말', { exact: true }).fill('뷁마루')
  await dialog.getByLabel('품사').selectOption({ label: '고유명사' })
  await dialog.getByLabel('같은 뜻의 말').fill('새마루, 큰마루')
  await dialog.getByRole('button', { name: '낱말 가르치기' }).click()
  await row(boss, '뷁마루').getByText('새마루, 큰마루').waitFor()
  await boss.getByLabel('글을 어떻게 자르는지 보기').last().fill('뷁마루에서 만나요')
  await boss.getByRole('button', { name: '보기', exact: true }).click()
  await boss.locator('.word-test .tag[data-own]', { hasText: '뷁마루' }).waitFor()
  await boss.context().close()
})

it('a file of another program: dropped, looked into, loaded', async () => {
  const caller = await administrator()
  const boss = await pageOf(caller)
  await boss.goto(`${on.maru.url}/admin/imports`)
  const table = 'room,user,sent_at,text\n이사 온 방,철수,2024-05-01T09:00:00Z,이사 왔어요\n'
  await boss.locator('input[type=file]').setInputFiles({
    name: 'talk.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(table),
  })
  await boss.getByRole('button', { name: '살펴보기' }).click()
  const shown = boss.getByRole('region', { name: 'talk.csv' })
  await shown.getByText('확인 기다림').waitFor()
  const rooms = () => caller.call<{ rooms: { name: string }[] }>('GET', '/rooms/directory')
  expect((await rooms()).rooms.map(({ name }) => name)).not.toContain('이사 온 방')
  await shown.getByRole('button', { name: '가져오기' }).click()
  await shown.getByText('글 1개를 가져왔어요').waitFor()
  expect((await rooms()).rooms.map(({ name }) => name)).toContain('이사 온 방')
  await boss.context().close()
})

it('the audit log: by kind, and as a file', async () => {
  const kim = await on.person('철수')
  const caller = await administrator()
  await caller.call('PATCH', `/users/${kim.caller.id}`, { disabled: true })
  const boss = await pageOf(caller)
  await boss.goto(`${on.maru.url}/admin/audit`)
  await row(boss, '로그인').first().waitFor()
  await boss.getByLabel('무슨 일').selectOption({ label: '계정' })
  await row(boss, '계정을 막음').getByText(kim.caller.username).waitFor()
  await expect.poll(() => row(boss, '로그인').count()).toBe(0)
  // Of one person, found by half a name.
  await boss.getByRole('button', { name: '누가 누구든' }).click()
  const offered = boss.locator('.picking .proposal')
  await offered.filter({ hasText: '철수' }).first().waitFor()
  // The answer is late: what the answer before it held and does not fit is nobody's choice.
  let answer = (): void => undefined
  const late = new Promise<void>((now) => (answer = now))
  await boss.route(/\/users\?/, async (route) => {
    await late
    await route.continue()
  })
  await boss.getByRole('combobox', { name: '사람 찾기' }).fill('관리')
  await expect.poll(() => offered.filter({ hasText: '철수' }).count()).toBe(0)
  answer()
  await offered.filter({ hasText: '관리자' }).waitFor()
  await boss.keyboard.press('Enter')
  await row(boss, '계정을 막음').getByText(kim.caller.username).waitFor()
  const actors = boss.locator('.table tbody td:nth-child(2)')
  await expect.poll(async () => [...new Set(await actors.allInnerTexts())]).toEqual(['boss'])
  const coming = boss.waitForEvent('download')
  await boss.getByRole('button', { name: 'CSV' }).click()
  const file = await readFile(await (await coming).path(), 'utf8')
  expect(file).toContain(`,user.disabled,user,${kim.caller.id},${kim.caller.username},`)
  expect(file).not.toContain('session.started')
  await boss.context().close()
})

it('statistics: days as charts with a table behind each', async () => {
  const kim = await on.person('영희')
  const room = await kim.caller.room(`통계 ${kim.caller.username}`)
  for (const text of ['하나', '둘', '셋']) await kim.caller.post(room, text)
  const boss = await pageOf(await administrator())
  await boss.goto(`${on.maru.url}/admin/statistics`)
  const chart = boss.locator('.chart', { hasText: '하루에 쓴 글' })
  await chart.locator('svg rect').nth(29).waitFor({ state: 'attached' })
  await chart.getByText('표로 보기').click()
  const last = chart.locator('tbody tr').last()
  expect(Number(await last.locator('td').innerText())).toBeGreaterThanOrEqual(3)
  await boss.getByText('7일', { exact: true }).click()
  await expect.poll(() => chart.locator('svg rect').count()).toBe(7)
  await row(boss, `통계 ${kim.caller.username}`).getByRole('link').click()
  await boss.getByRole('heading', { name: `통계 ${kim.caller.username}` }).waitFor()
  await boss.context().close()
})

const pages = [
  'settings/tokens',
  'settings/bots',
  'settings/webhooks',
  'settings/data',
  'settings/sessions',
  'settings/security',
  'settings/notifications',
  'admin/people',
  'admin/rooms',
  'admin/statistics',
  'admin/words',
  'admin/imports',
  'admin/hooks',
  'admin/webhooks',
  'admin/bots',
  'admin/audit',
  'admin/invites',
  'admin/security',
  'admin/live',
  'admin/server',
]

it.each([
  ['ko-KR', 'light', 1440],
  ['en-US', 'dark', 390],
] as const)('axe: %s, %s, %i px', { timeout: 120_000 }, async (locale, colorScheme, width) => {
  const boss = await administrator()
  const page = await pageOf(boss, {
    locale,
    colorScheme,
    viewport: { width, height: 844 },
    reducedMotion: 'reduce',
  })
  await watchShifts(page)
  const found: Record<string, string[]> = {}
  for (const path of pages) {
    await page.goto(`${on.maru.url}/${path}`)
    await page.locator('.pages-content > *').first().waitFor()
    await page.waitForLoadState('networkidle')
    await page.locator('.table[aria-busy=true]').waitFor({ state: 'detached' })
    const wide = await page.evaluate('document.documentElement.scrollWidth')
    const wrong = [
      ...(await faults(page)),
      ...(await shifts(page)),
      ...(wide === width ? [] : [`${String(wide)} px wide`]),
    ]
    if (wrong.length > 0) found[path] = wrong
    const folder = process.env.MARU_SCREENS
    if (folder !== undefined) {
      const name = `${path.replace('/', '-')}-${locale}-${width}-${colorScheme}.png`
      await page.screenshot({ path: `${folder}/${name}`, fullPage: false })
    }
  }
  await page.context().close()
  expect(found).toEqual({})
})
