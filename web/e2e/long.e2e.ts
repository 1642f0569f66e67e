/** A room of a hundred thousand messages is as near as a small one. */
import { expect, it } from 'vitest'
import { stage } from './stage'

const on = stage()
const MESSAGES = 100_000

it(
  '100,000 messages: the newest, the oldest and one in between',
  { timeout: 300_000 },
  async () => {
    const kim = await on.person('철수')
    const begin = Date.UTC(2025, 0, 1)
    await on.maru.import(
      Array.from({ length: MESSAGES }, (_, n) => ({
        id: `${n}`,
        room: '십만 글',
        user: `사람${n % 9}`,
        sent_at: new Date(begin + n * 300_000).toISOString(),
        text: `${n}번째 글`,
      })),
    )
    const { rooms } = await kim.caller.call<{ rooms: { id: number; name: string }[] }>(
      'GET',
      `/rooms/directory?q=${encodeURIComponent('십만')}`,
    )
    const room = rooms[0]?.id ?? 0
    await kim.caller.call('POST', `/rooms/${room}/join`)
    await kim.open(room)
    const { page } = kim
    await kim.message(`${MESSAGES - 1}번째 글`).waitFor()

    // One in between, by a link to it: both ways lead on, and the page stays small.
    const one = async (query: string) => {
      interface Page {
        messages: { id: number }[]
      }
      const page = await kim.caller.call<Page>('GET', `/rooms/${room}/messages?limit=1${query}`)
      return page.messages[0]?.id ?? 0
    }
    const [first, last] = [await one('&after=0'), await one('')]
    const middle = await one(`&after=${Math.floor((first + last) / 2)}`)
    await kim.open(room, middle)
    const target = page.locator(`.message[data-id="${middle}"]`)
    await target.waitFor()
    const number = parseInt((await target.locator('.text').innerText()) || '0')
    expect(number).toBeGreaterThan(1_000)
    const timeline = page.locator('.timeline')
    await timeline.hover()
    for (const [way, wanted] of [
      [-900, number - 150],
      [900, number + 150],
    ] as const) {
      const sought = kim.message(`${wanted}번째 글`).first()
      for (let tries = 0; tries < 200 && !(await sought.count()); tries++) {
        await page.mouse.wheel(0, way)
        await page.waitForTimeout(30)
      }
      await sought.waitFor()
    }
    expect(await page.evaluate(() => document.querySelectorAll('*').length)).toBeLessThan(1_500)

    // Back to the newest with one press.
    await page.locator('.to-newest').click()
    await kim.message(`${MESSAGES - 1}번째 글`).waitFor()
    await kim.say('십만 하고 하나')
    await kim.message('십만 하고 하나').waitFor()
  },
)
