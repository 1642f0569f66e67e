/** Files and pictures: chosen, pasted, dropped; broken off and gone on with; looked at. */
import { deflateSync } from 'node:zlib'
import type { Locator, Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { stage } from './stage'

const on = stage()

const table = Array.from({ length: 256 }, (_, n) => {
  let c = n
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1
  return c >>> 0
})
const crc = (bytes: Buffer) =>
  (bytes.reduce((c, byte) => (table[(c ^ byte) & 255] ?? 0) ^ (c >>> 8), 0xffffffff) ^
    0xffffffff) >>>
  0

/** A PNG of one colour. */
export function png(width: number, height: number, colour = [40, 110, 90]): Buffer {
  const chunk = (name: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(name), data])
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32BE(data.length)
    sum.writeUInt32BE(crc(body))
    return Buffer.concat([length, body, sum])
  }
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([8, 2, 0, 0, 0], 8)
  const row = Buffer.concat([
    Buffer.from([0]),
    Buffer.from(Array.from({ length: width }, () => colour).flat()),
  ])
  const rows = Buffer.concat(Array.from({ length: height }, () => row))
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

const choose = (page: Page, files: { name: string; mimeType: string; buffer: Buffer }[]) =>
  page.locator('.room .composer input[type=file]').setInputFiles(files)
const picture = (name: string, width = 900, height = 600) => ({
  name,
  mimeType: 'image/png',
  buffer: png(width, height),
})

/** Pastes or drops files as a browser tells of it. */
const bring = (target: Locator, how: 'paste' | 'drop', name: string, bytes: Buffer) =>
  target.evaluate(
    (element, [how, name, base64]) => {
      const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))
      const data = new DataTransfer()
      data.items.add(new File([bytes], name, { type: 'image/png' }))
      if (how === 'paste') {
        element.dispatchEvent(
          new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
        )
        return
      }
      for (const type of ['dragenter', 'dragover', 'drop']) {
        element.dispatchEvent(
          new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }),
        )
      }
    },
    [how, name, bytes.toString('base64')] as const,
  )

it('several at once with a caption; the other sees pictures in boxes that do not move', async () => {
  const [kim, lee, room] = await on.pair('사진방')
  await Promise.all([kim.open(room), lee.open(room)])
  await choose(kim.page, [
    picture('바다.png'),
    picture('산.png', 600, 900),
    { name: '글.txt', mimeType: 'text/plain', buffer: Buffer.from('let x = 1\n') },
  ])
  const strip = kim.page.locator('.strip-file')
  await expect.poll(() => strip.count()).toBe(3)
  await kim.say('여행 사진')
  await expect.poll(() => strip.count()).toBe(0)
  const row = lee.message('여행 사진')
  await expect.poll(() => row.locator('.picture img').count()).toBe(2)
  await kim.page.locator('.message-pending').waitFor({ state: 'detached' })
  const box = await row.locator('.picture').first().boundingBox()
  expect(Math.round(box?.height ?? 0)).toBe(160)
  // Small ones are fetched, and drawn.
  await expect
    .poll(() =>
      row
        .locator('.picture img')
        .evaluateAll((all) =>
          (all as HTMLImageElement[]).every((img) => img.complete && img.naturalWidth > 0),
        ),
    )
    .toBe(true)
  expect(await row.locator('.picture').first().boundingBox()).toEqual(box)

  // Looked at: keys lead on, close up and back, and the focus returns.
  await row.locator('.picture').first().click()
  const viewer = lee.page.locator('.viewer[open]')
  await viewer.getByText('바다.png').waitFor()
  await lee.page.keyboard.press('ArrowRight')
  await viewer.getByText('산.png').waitFor()
  await lee.page.keyboard.press('+')
  await viewer.getByText('140%').waitFor()
  await lee.page.keyboard.press('0')
  await viewer.getByText('100%').waitFor()
  await lee.page.keyboard.press('Escape')
  await viewer.waitFor({ state: 'detached' })
  await row.getByRole('button', { name: '글.txt' }).click()
  await viewer.locator('pre', { hasText: 'let x = 1' }).waitFor()
  await lee.page.keyboard.press('Escape')

  // Their place beside the room.
  await lee.page.goto(`${on.maru.url}/rooms/${room}/files`)
  await expect.poll(() => lee.page.locator('.shared-pictures button').count()).toBe(2)
  await lee.panel.getByText('글.txt').waitFor()
  await lee.page.locator('.shared-pictures button').first().click()
  await viewer.locator('img').waitFor()
})

it('pasted and dropped, alone without a word', async () => {
  const [kim, lee, room] = await on.pair('끌어 놓기')
  await Promise.all([kim.open(room), lee.open(room)])
  await bring(kim.box, 'paste', 'image.png', png(40, 30))
  await kim.page.locator('.strip-file', { hasText: '붙인 그림' }).waitFor()
  await bring(kim.page.locator('.room .timeline'), 'drop', '끈 것.png', png(30, 40))
  await kim.page.locator('.strip-file', { hasText: '끈 것.png' }).waitFor()
  await kim.page.locator('.strip-file').first().getByRole('button', { name: /빼기/ }).click()
  await expect.poll(() => kim.page.locator('.strip-file').count()).toBe(1)
  await kim.box.press('Enter')
  await lee.page.locator('.room .picture img').waitFor()
  await expect.poll(() => lee.page.locator('.room .picture').count()).toBe(1)
})

it('pauses, survives a cut and a reload, and holds back no text', async () => {
  const [kim, lee, room] = await on.pair('큰 파일')
  await lee.open(room)
  let open = false
  await kim.page.route('**/api/v1/uploads/*', async (route) => {
    if (open || route.request().method() !== 'PATCH') await route.continue()
    else await route.abort()
  })
  await kim.open(room)
  await choose(kim.page, [
    { name: '큰 것.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(6_000_000, 7) },
  ])
  const file = kim.page.locator('.strip-file')
  await file.getByRole('button', { name: /멈추기/ }).click()
  await file.getByText('0%에서 멈춤').waitFor()
  await file.getByRole('button', { name: /이어 올리기/ }).click()
  await kim.say('파일이 든 글')
  await kim.say('글만')
  await lee.reads(['글만'])
  await kim.page.reload()
  await kim.message('파일이 든 글').locator('progress').waitFor()
  open = true
  await kim.page.evaluate(() => window.dispatchEvent(new Event('online')))
  await lee.reads(['글만', '파일이 든 글'])
  const saved = lee.page.waitForEvent('download')
  await lee.page.getByRole('link', { name: '큰 것.bin 내려받기' }).click()
  expect((await saved).suggestedFilename()).toBe('큰 것.bin')
})

it('what the server refuses is said, and can be taken out', async () => {
  const [kim, , room] = await on.pair('거절')
  await kim.page.route('**/api/v1/uploads', (route) =>
    route.fulfill({
      status: 507,
      contentType: 'application/json',
      body: '{"error":{"code":"storage_full","message":"","details":{}}}',
    }),
  )
  await kim.open(room)
  await choose(kim.page, [picture('a.png')])
  await kim.page.locator('.strip-file[data-state=failed]').getByText('저장 공간').waitFor()
  await kim.page.getByRole('button', { name: 'a.png 빼기' }).click()
  await kim.page.locator('.strip').waitFor({ state: 'detached' })
})
