/** Threads: beside their room, live, followed, found again in a place of their own. */
import { expect, it } from 'vitest'
import { stage } from './stage'

const on = stage()

it('replies stand in their thread, are counted, and wait to be read', async () => {
  const [kim, lee, room] = await on.pair('스레드 방')
  const root = await kim.caller.post(room, '점심 뭐 먹죠')
  await Promise.all([kim.open(room), lee.open(room)])
  await lee.message('점심').hover()
  await lee.page.getByRole('button', { name: '답글' }).click()
  const answer = lee.panel.locator('.composer textarea')
  await answer.fill('국수요')
  await answer.press('Enter')
  await kim.message('점심').locator('.replies', { hasText: '답글 1개' }).waitFor()
  await kim.message('점심').locator('.replies-new', { hasText: '1' }).waitFor()
  await expect.poll(() => kim.texts()).toEqual(['점심 뭐 먹죠'])
  await kim.page.locator('.place', { hasText: '스레드' }).locator('.badge').waitFor()

  // Their own place leads there; what was seen is read, on the server too.
  await kim.page.locator('.place', { hasText: '스레드' }).click()
  await kim.page.locator('.card', { hasText: '점심' }).getByText('답글 1개').click()
  await kim.panel.locator('.message', { hasText: '국수요' }).waitFor()
  await kim.page.locator('.place .badge').waitFor({ state: 'detached' })
  await expect
    .poll(async () => {
      const page = await kim.caller.call<{ threads: object[] }>('GET', '/threads?unread=true')
      return page.threads.length
    })
    .toBe(0)

  // Also to the room: in both, once.
  await kim.panel.getByLabel(/에도 보내기/).check()
  const mine = kim.panel.locator('.composer textarea')
  await mine.fill('국수로 해요')
  await mine.press('Enter')
  await lee.reads(['점심 뭐 먹죠', '국수로 해요'])
  await expect.poll(() => lee.panel.locator('.message', { hasText: '국수로' }).count()).toBe(1)
  expect(await kim.panel.getByLabel(/에도 보내기/).isChecked()).toBe(false)

  // Who does not follow is not told.
  await kim.panel.getByRole('button', { name: '팔로우 중' }).click()
  await kim.panel.getByRole('button', { name: '팔로우' }).waitFor()
  await kim.page.keyboard.press('Escape')
  await answer.fill('좋아요')
  await answer.press('Enter')
  await kim.message('점심').locator('.replies', { hasText: '답글 3개' }).waitFor()
  expect(await kim.page.locator('.replies-new').count()).toBe(0)
  expect(root).toBeGreaterThan(0)
})

it('a link to a reply opens its thread; reactions and edits are live there', async () => {
  const [kim, lee, room] = await on.pair('링크 방')
  const root = await kim.caller.post(room, '처음 글')
  const reply = await lee.caller.post(room, '답한 글', { reply_to: root })
  await kim.open(room, reply)
  await kim.panel.locator('.message', { hasText: '답한 글' }).waitFor()
  expect(new URL(kim.page.url()).pathname).toBe(`/rooms/${room}/thread/${root}`)
  await lee.caller.call('PATCH', `/messages/${reply}`, { text: '고친 답' })
  await kim.panel.getByText('고친 답').waitFor()
  await lee.caller.call('PUT', `/messages/${reply}/reactions/${encodeURIComponent('👍')}`)
  await kim.panel.locator('.reaction', { hasText: '👍' }).waitFor()
  // Opened anew, the room still shows its own messages alone.
  await kim.open(room)
  await kim.reads(['처음 글'])
})
