// Takes the pictures of the README and of the manifest, of a house with real data: `npm run screenshots [FOLDER]`.
// Starts the binary of MARU_BIN on a folder of its own; needs Chromium (CHROMIUM) and a font of
// colour emoji.
import { copyFile, mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { chromium } from 'playwright-core'
import { furnish, openHouse, password } from './house.mjs'

const folder = resolve(process.argv[2] ?? '../assets')
const house = await openHouse()
const { room, rooms } = await furnish(house)
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
})
await mkdir(folder, { recursive: true })

// The pictures are taken at four in the afternoon, wherever that is.
const shift = Math.min(14, 16 - new Date().getUTCHours())
const afternoon = `Etc/GMT${shift > 0 ? '-' : '+'}${Math.abs(shift)}`

const wide = { width: 1280, height: 800 }
const phone = { width: 390, height: 800 }
const inRoom = async (page) => {
  await page.goto(`${house.base}/rooms/${room}`)
  await page.locator('.message').last().waitFor()
  await page.locator('.composer textarea').waitFor()
}
/** The index follows the log within moments: the page is asked anew until it has. */
const search = async (page) => {
  const mark = page.locator('.hit mark').first()
  for (let tries = 0; tries < 40 && !(await mark.isVisible()); tries++) {
    await page.goto(`${house.base}/rooms/${room}/search?q=${encodeURIComponent('배포')}`)
    await mark.waitFor({ timeout: 1_500 }).catch(() => undefined)
  }
  await mark.waitFor()
}
const list = async (page) => {
  await page.goto(`${house.base}/rooms/${rooms['수다방']}`)
  await page.locator('.message').last().waitFor()
  await page.locator('.room-head .narrow').first().click()
  await page.locator('.plank').first().waitFor()
}

for (const [name, scene, viewport, colorScheme] of [
  ['screenshot', inRoom, wide, 'light'],
  ['screenshot-search', search, wide, 'dark'],
  ['screenshot-phone', inRoom, phone, 'light'],
  ['screenshot-phone-rooms', list, phone, 'dark'],
]) {
  const context = await browser.newContext({
    locale: 'ko-KR',
    timezoneId: afternoon,
    viewport,
    colorScheme,
    deviceScaleFactor: 1.5,
    hasTouch: viewport === phone,
    reducedMotion: 'reduce',
  })
  const data = { username: 'minsu', password }
  await context.request.post(`${house.base}/api/v1/login`, { data })
  const page = await context.newPage()
  await scene(page)
  // A pointer that rests somewhere shows what it rests on.
  await page.mouse.move(viewport.width - 1, viewport.height - 1)
  await page.evaluate('document.fonts.ready')
  await page.waitForTimeout(1_000)
  const path = join(folder, `${name}.png`)
  await page.screenshot({ path, animations: 'disabled', caret: 'hide' })
  console.log(path)
  await context.close()
}

// What a browser shows before the app is installed.
for (const [name, shown] of [
  ['screenshot', 'screen-wide'],
  ['screenshot-phone', 'screen-narrow'],
]) {
  await copyFile(join(folder, `${name}.png`), join('public', `${shown}.png`))
}

await browser.close()
await house.stop()
