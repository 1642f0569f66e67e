/**
 * The main screens as pictures, beside those that are kept in `screens/`. They are half as large as
 * the page: enough to see that something moved, was lost or has another colour.
 *
 *   MARU_WRITE_SCREENS=1 npx vitest run --config vitest.e2e.config.ts e2e/screens.e2e.ts
 *
 * takes them anew; somebody looks at them before they are kept. What differs is written into
 * MARU_SCREENS_DIR, if that is set.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { furnish, openHouse, password, type House } from '../scripts/house.mjs'
import { compare } from '../scripts/pixels.mjs'
import { launch } from './browser'

/** Letters are drawn a little otherwise from one machine to the next. */
const TOLERANCE = 0.03
/** Of a colour's three parts together, of 765. */
const NOTICED = 90

let house: House
let browser: Browser
let room = 0
beforeAll(async () => {
  ;[house, browser] = await Promise.all([openHouse(), launch()])
  room = (await furnish(house)).room
})
afterAll(async () => {
  await browser.close()
  await house.stop()
})

const ready = (page: Page, what: string) => page.locator(what).first().waitFor()
const inRoom = async (page: Page) => {
  await page.goto(`${house.base}/rooms/${room}`)
  await ready(page, '.message .text')
  await ready(page, '.composer textarea')
}
const scenes: Record<string, (page: Page) => Promise<void>> = {
  entry: async (page) => {
    await page.goto(house.base)
    await ready(page, 'main form')
  },
  room: inRoom,
  rooms: async (page) => {
    await inRoom(page)
    await page.locator('.room-head .narrow').first().click()
    await ready(page, '.plank')
    // A finger does not stay.
    await page.mouse.move(0, 0)
  },
  thread: async (page) => {
    await inRoom(page)
    await page.locator('.replies').first().click()
    await ready(page, '.panel .composer textarea')
  },
  switcher: async (page) => {
    await inRoom(page)
    await page.keyboard.press('Control+KeyK')
    await ready(page, '.switcher-item')
  },
  directory: async (page) => {
    await inRoom(page)
    await page.keyboard.press('Control+KeyK')
    await page.locator('dialog input').fill('browse')
    await page.keyboard.press('Enter')
    await ready(page, '.directory-room')
  },
  members: async (page) => {
    await page.goto(`${house.base}/rooms/${room}/members`)
    await ready(page, '.panel .choice .tag')
  },
  search: async (page) => {
    // The index follows the log within moments.
    for (let tries = 0; tries < 40; tries++) {
      await page.goto(`${house.base}/rooms/${room}/search?q=${encodeURIComponent('배포')}`)
      const hits = page.locator('.hit mark').first()
      if (
        await hits.waitFor({ timeout: 1_500 }).then(
          () => true,
          () => false,
        )
      )
        return
    }
    throw new Error('nothing was found')
  },
}

it.each([
  ['entry', 'ko', 1440, 'light'],
  ['entry', 'en', 390, 'dark'],
  ['room', 'ko', 1440, 'light'],
  ['room', 'en', 1440, 'dark'],
  ['room', 'ko', 390, 'dark'],
  ['room', 'en', 390, 'light'],
  ['rooms', 'ko', 390, 'light'],
  ['thread', 'ko', 1440, 'light'],
  ['switcher', 'en', 1440, 'dark'],
  ['directory', 'ko', 390, 'light'],
  ['members', 'en', 1440, 'light'],
  ['search', 'ko', 1440, 'dark'],
] as const)('%s in %s, %i px, %s', async (scene, language, width, colorScheme) => {
  const context = await browser.newContext({
    locale: language === 'ko' ? 'ko-KR' : 'en-US',
    timezoneId: 'Asia/Seoul',
    viewport: { width, height: width > 500 ? 900 : 844 },
    deviceScaleFactor: 0.5,
    hasTouch: width < 500,
    colorScheme,
    reducedMotion: 'reduce',
    serviceWorkers: 'block',
  })
  context.setDefaultTimeout(20_000)
  if (scene !== 'entry') {
    await context.request.post(`${house.base}/api/v1/login`, {
      data: { username: 'minsu', password },
    })
  }
  const page = await context.newPage()
  await scenes[scene]?.(page)
  await page.evaluate('document.fonts.ready')
  // Clocks go on, and are no part of the picture. A style element would be refused.
  await page.evaluate(`{
    const sheet = new CSSStyleSheet()
    sheet.replaceSync('time, .time, .day-line, .choice small { visibility: hidden !important }')
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet]
  }`)
  const name = `${scene}-${language}-${width}-${colorScheme}.png`
  const kept = join(import.meta.dirname, 'screens', name)
  const take = () => page.screenshot({ animations: 'disabled', caret: 'hide' })
  let found: unknown = {}
  if (process.env.MARU_WRITE_SCREENS !== undefined) {
    await wait(1_000)
    await writeFile(kept, await take())
  } else {
    const before = (await readFile(kept)).toString('base64')
    const judge = await context.newPage()
    const look = async () => {
      const fresh = (await take()).toString('base64')
      return judge.evaluate(compare, [before, fresh, NOTICED] as const)
    }
    // What comes behind the first picture comes within moments.
    let now = await look()
    for (let tries = 0; tries < 20 && (now.share ?? 1) > TOLERANCE; tries++) {
      await wait(250)
      now = await look()
    }
    const folder = process.env.MARU_SCREENS_DIR
    if (folder !== undefined && now.picture !== undefined) {
      await mkdir(resolve(folder), { recursive: true })
      await writeFile(join(resolve(folder), name), now.picture, 'base64')
    }
    found = now.size ?? ((now.share ?? 1) > TOLERANCE ? now.share : {})
  }
  await context.close()
  expect(found).toEqual({})
})
