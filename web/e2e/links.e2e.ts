/** Pages below the messages that link to them, and what a message said before it was edited. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { stage } from './stage'

const on = stage([
  ...['--link-previews', 'on', '--edit-history', 'on'],
  ...['--outbound-allow', '127.0.0.0/8'],
])

/** 80 × 40, of one colour. */
const WIDE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAFAAAAAoCAIAAADmAupWAAAARElEQVR42u3PMQ0AAAgDsL0Y48a/Glzw0KQGmpp+JcLCwsLCwsLCwsLCwsLCwsLCwsLCwsLCwsLCwsLCwsLCwsLCwrcWohbD6r2EXdIAAAAASUVORK5CYII=',
  'base64',
)
let site: Server
let url = ''
beforeAll(async () => {
  site = createServer((request, response) => {
    if (request.url === '/wide.png') {
      response.setHeader('content-type', 'image/png')
      response.end(WIDE)
      return
    }
    response.setHeader('content-type', 'text/html; charset=utf-8')
    response.end(
      request.url === '/news'
        ? `<title>x</title><meta property="og:title" content="새 마루 &lt;b&gt;">
           <meta property="og:description" content="나무 냄새가 나는 마루">
           <meta property="og:image" content="/wide.png">`
        : '<p>nothing',
    )
  })
  await new Promise<void>((ready) => site.listen(0, '127.0.0.1', ready))
  url = `http://127.0.0.1:${(site.address() as AddressInfo).port}`
})
afterAll(() => site.close())

it('a page is shown to all readers until its sender takes it off', async () => {
  const [kim, lee, room] = await on.pair('링크')
  await Promise.all([kim.open(room), lee.open(room)])
  await kim.say(`읽어 보세요 ${url}/news`)
  const card = lee.page.locator('.link-preview')
  const link = card.getByRole('link', { name: '새 마루 <b>' })
  await link.waitFor()
  expect(await link.getAttribute('href')).toBe(`${url}/news`)
  expect(await link.getAttribute('rel')).toContain('noopener')
  await card.getByText('나무 냄새가 나는 마루').waitFor()
  await card.getByText(new URL(url).host).waitFor()
  // Its picture comes from here, in a box that is known before.
  const picture = card.locator('img')
  await expect.poll(() => picture.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBe(80)
  expect(await picture.getAttribute('src')).toMatch(/^\/api\/v1\/messages\//)
  // Nobody edited it, and a reader is not offered to take it off.
  expect(await lee.page.locator('.message .edited').count()).toBe(0)
  expect(await lee.page.getByRole('button', { name: '미리보기 지우기' }).count()).toBe(0)
  await kim.message('읽어 보세요').hover()
  await kim.page.getByRole('button', { name: '미리보기 지우기' }).click()
  await card.waitFor({ state: 'detached' })
})

it('a message that is sent later brings its files', async () => {
  const [kim, lee, room] = await on.pair('나중')
  await Promise.all([kim.open(room), lee.open(room)])
  const file = { name: '계획.txt', mimeType: 'text/plain', buffer: Buffer.from('월요일') }
  await kim.page.locator('.room .composer input[type=file]').setInputFiles(file)
  await kim.page.locator('.strip-file[data-state=done]').waitFor()
  await kim.page.getByRole('button', { name: '나중에 보내기' }).click()
  await kim.page.getByRole('dialog').locator('.when-preset').first().click()
  await kim.page.locator('.strip-file').waitFor({ state: 'detached' })
  await kim.page.getByRole('link', { name: '쓰던 글과 예약' }).click()
  await kim.page.getByRole('link', { name: '계획.txt' }).waitFor()
  await kim.page.getByRole('button', { name: '예약한 글 다루기' }).click()
  await kim.page.getByRole('menuitem', { name: '지금 보내기' }).click()
  await lee.page.locator('.file-card', { hasText: '계획.txt' }).waitFor()
})
