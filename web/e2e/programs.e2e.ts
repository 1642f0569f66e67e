/** Outgoing webhooks, bots and the workspace itself: from the screen to the wire and back. */
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { administration, row } from './administrator'
import { faults } from './axe'
import { stage } from './stage'

const on = stage(['--outbound-allow', '127.0.0.0/8'])
const { administrator, pageOf } = administration(on)

const came: { headers: IncomingHttpHeaders; body: string }[] = []
let receiver: Server
let url = ''
beforeAll(async () => {
  receiver = createServer((request, response) => {
    let body = ''
    request.on('data', (part: Buffer) => (body += part.toString()))
    request.on('end', () => {
      came.push({ headers: request.headers, body })
      response.end()
    })
  })
  await new Promise<void>((ready) => receiver.listen(0, '127.0.0.1', ready))
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/in`
})
afterAll(() => receiver.close())

const arrived = (text: string) => came.filter(({ body }) => body.includes(text))

it('an outgoing webhook is made, delivers signed, delivers again, and is ended by an administrator', async () => {
  const kim = await on.person('철수')
  const room = await kim.caller.room(`보내는 방 ${kim.caller.username}`)
  const { page } = kim
  const called = `기록 ${kim.caller.id}`
  await page.goto(`${on.maru.url}/settings/webhooks`)
  await page.getByRole('button', { name: '새 보내는 웹훅' }).click()
  const dialog = page.getByRole('dialog')
  // What is wrong is said where it is wrong.
  await dialog.getByLabel('URL').fill('ftp://example.org')
  await dialog.getByRole('button', { name: '만들기' }).click()
  await dialog.getByRole('alert').waitFor()
  expect(await faults(page)).toEqual([])
  await dialog.getByLabel('URL').fill(url)
  await dialog.getByLabel('이름', { exact: true }).fill(called)
  await dialog.getByRole('button', { name: '만들기' }).click()
  const secret = await dialog.getByLabel('서명 열쇠').inputValue()
  expect(secret).toMatch(/^whsec_/)
  expect(await faults(page)).toEqual([])
  await dialog.getByRole('button', { name: '닫기' }).last().click()
  await row(page, called).getByText('잘 됨').waitFor()
  const [hook] = await kim.caller.call<{ position: number }[]>('GET', '/webhooks')
  const begun = hook?.position ?? 0
  await kim.caller.post(room, '바깥으로 가는 글')
  await expect.poll(() => arrived('바깥으로 가는 글').length).toBe(1)
  expect(arrived('바깥으로 가는 글')[0]?.headers['webhook-signature']).toMatch(/^v1,/)

  // Again, from the position before.
  await row(page, called).getByRole('button').click()
  await page.getByRole('menuitem', { name: '다시 보내기' }).click()
  await dialog.getByText('이 번호 뒤부터').click()
  await dialog.getByLabel('이 번호 뒤부터').last().fill(`${begun}`)
  expect(await faults(page)).toEqual([])
  await dialog.getByRole('button', { name: '다시 보내기' }).click()
  await expect.poll(() => arrived('바깥으로 가는 글').length).toBe(2)

  const boss = await pageOf(await administrator())
  await boss.goto(`${on.maru.url}/admin/webhooks`)
  await row(boss, called).getByText('철수').waitFor()
  await row(boss, called).getByRole('button').click()
  await boss.getByRole('menuitem', { name: '지우기' }).click()
  await boss.getByRole('dialog').getByRole('button', { name: '지우기' }).click()
  await row(boss, called).waitFor({ state: 'detached' })
  await boss.context().close()
  await page.reload()
  await page.getByText('보내는 웹훅이 없어요.').waitFor()
})

it('a bot is made, speaks, gets another token and is removed', async () => {
  const kim = await on.person('영희')
  const room = await kim.caller.room(`봇 방 ${kim.caller.username}`)
  const { page } = kim
  const name = `bot${kim.caller.id}`
  await page.goto(`${on.maru.url}/settings/bots`)
  await page.getByRole('button', { name: '새 봇' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('아이디').fill(name)
  await dialog.getByLabel('이름', { exact: false }).last().fill('날씨')
  expect(await faults(page)).toEqual([])
  await dialog.getByRole('button', { name: '만들기' }).click()
  const token = await dialog.getByLabel('‘날씨’의 토큰').inputValue()
  await dialog.getByRole('button', { name: '닫기' }).last().click()
  const bots = await kim.caller.call<{ id: number; username: string }[]>('GET', '/bots')
  const bot = bots.find(({ username }) => username === name)?.id
  await kim.caller.call('POST', `/rooms/${room}/members`, { user_id: bot })
  const post = async (as: string) =>
    (
      await fetch(`${on.maru.url}/api/v1/rooms/${room}/messages`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${as}` },
        body: JSON.stringify({ text: '맑아요' }),
      })
    ).status
  expect(await post(token)).toBe(201)
  await row(page, '날씨').getByRole('button').click()
  await page.getByRole('menuitem', { name: '새 토큰 주기' }).click()
  await dialog.getByLabel('이름', { exact: true }).fill('둘째')
  await dialog.getByRole('button', { name: '만들기' }).click()
  const second = await dialog.getByLabel('‘둘째’의 토큰').inputValue()
  expect(second).not.toBe(token)
  await dialog.getByRole('button', { name: '닫기' }).last().click()
  expect(await post(second)).toBe(201)
  await row(page, '날씨').getByRole('button').click()
  await page.getByRole('menuitem', { name: '봇 없애기' }).click()
  await dialog.getByRole('button', { name: '봇 없애기' }).click()
  await row(page, '날씨').waitFor({ state: 'detached' })
  expect([await post(token), await post(second)]).toEqual([401, 401])
})

it('the workspace gets a name and a picture, which everybody sees', async () => {
  const kim = await on.person('철수')
  const room = await kim.caller.room(`집 ${kim.caller.username}`)
  await kim.open(room)
  const boss = await pageOf(await administrator())
  await boss.goto(`${on.maru.url}/admin/server`)
  await boss.getByLabel('작업 공간의 이름').fill('한옥마을')
  await boss.getByRole('button', { name: '저장' }).click()
  await boss.locator('.house .brand', { hasText: '한옥마을' }).waitFor()
  const picture = await boss.evaluate(async () => {
    const canvas = new OffscreenCanvas(300, 200)
    const pen = canvas.getContext('2d')
    if (pen) {
      pen.fillStyle = '#2a6'
      pen.fillRect(0, 0, 300, 200)
    }
    return [...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())]
  })
  await boss.locator('input[type=file]').setInputFiles({
    name: 'house.png',
    mimeType: 'image/png',
    buffer: Buffer.from(picture),
  })
  await boss.getByRole('button', { name: '사진 빼기' }).waitFor()
  expect(await faults(boss)).toEqual([])
  await kim.page.reload()
  await kim.page.locator('.house .brand', { hasText: '한옥마을' }).waitFor()
  const shown = kim.page.locator('.house img')
  await expect
    .poll(() => shown.evaluate((img: HTMLImageElement) => img.naturalWidth))
    .toBeGreaterThan(0)
  await boss.getByRole('button', { name: '사진 빼기' }).click()
  await boss.getByRole('button', { name: '사진 빼기' }).waitFor({ state: 'detached' })
  await boss.context().close()
})
