// Takes pictures of the main screens in both languages, themes and widths, with axe in each state:
//   npm run screens [-- FOLDER [SCENE…]]      VARIANTS=ko-1440-light,en-390-dark for some of them
// Starts the binary of MARU_BIN on a folder of its own; needs Chromium (CHROMIUM).
import { readFile, mkdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { chromium } from 'playwright-core'
import { furnish, openHouse, password } from './house.mjs'

const [folder = 'e2e/screens', ...only] = process.argv.slice(2)
const variants = process.env.VARIANTS?.split(',')
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const house = await openHouse()
const { room } = await furnish(house)
const { base } = house
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
})
await mkdir(resolve(folder), { recursive: true })

const inRoom = async (page) => {
  await page.goto(`${base}/rooms/${room}`)
  await page.locator('.message').last().waitFor()
}
const dialog = (page) => page.locator('dialog[open]').waitFor()
const keys = (page, combination) => page.keyboard.press(combination)
/** The index follows the log within moments: the page is asked anew until it has. */
const found = async (page, q, mark) => {
  for (let tries = 0; tries < 40; tries++) {
    await page.goto(`${base}/rooms/${room}/search?q=${encodeURIComponent(q)}`)
    try {
      await page.locator(mark).first().waitFor({ timeout: 1_500 })
      return
    } catch {
      // Not yet.
    }
  }
  throw new Error(`nothing was found for ${q}`)
}

const scenes = {
  entry: { guest: true, go: async (page) => page.goto(base) },
  signup: {
    guest: true,
    go: async (page) => {
      await page.goto(`${base}/signup`)
      await page.locator('input[name=username]').fill('a b')
      await page.locator('input[name=password]').fill('1234')
      await page.locator('input[name=display_name]').focus()
    },
  },
  room: { go: inRoom },
  rooms: {
    go: async (page) => {
      await page.goto(`${base}/rooms/${room}`)
      await page.locator('.message').last().waitFor()
      if (page.viewportSize().width < 768) await page.locator('.room-head .narrow').first().click()
      await page.locator('.plank').first().waitFor()
    },
  },
  switcher: {
    go: async (page) => {
      await inRoom(page)
      await keys(page, 'Control+KeyK')
      await dialog(page)
    },
  },
  'switcher-found': {
    go: async (page) => {
      await inRoom(page)
      await keys(page, 'Control+KeyK')
      await dialog(page)
      await page.locator('dialog input').fill('ㄱ')
      await page
        .locator('.switcher-item', { hasText: '김' })
        .or(page.locator('.switcher-item'))
        .first()
        .waitFor()
    },
  },
  search: { go: (page) => found(page, '배포', '.hit mark') },
  'search-empty': { go: (page) => found(page, '뷁뷁 뚫훍 from:jiwon', '.ways button') },
  keys: {
    go: async (page) => {
      await inRoom(page)
      await keys(page, 'Control+Slash')
      await dialog(page)
    },
  },
  directory: {
    go: async (page) => {
      await inRoom(page)
      await keys(page, 'Control+KeyK')
      await page.locator('dialog input').fill('browse')
      await keys(page, 'Enter')
      await page.locator('.directory-room').first().waitFor()
    },
  },
  'create-room': {
    go: async (page) => {
      await inRoom(page)
      await keys(page, 'Control+KeyK')
      await page.locator('dialog input').fill('new room')
      await keys(page, 'Enter')
      await page.locator('dialog input[name=name]').waitFor()
    },
  },
  direct: {
    go: async (page) => {
      await inRoom(page)
      await keys(page, 'Control+KeyK')
      await page.locator('dialog input').fill('new message')
      await keys(page, 'Enter')
      await page.locator('dialog .chips').waitFor()
      await page.locator('dialog .choice').nth(1).click()
    },
  },
  menu: {
    go: async (page) => {
      await page.goto(`${base}/rooms/${room}`)
      await page.locator('.message').last().waitFor()
      if (page.viewportSize().width < 768) await page.locator('.room-head .narrow').first().click()
      await page.locator('.house').click()
      await page.locator('.menu').waitFor()
    },
  },
  members: {
    go: async (page) => {
      await page.goto(`${base}/rooms/${room}/members`)
      await page.locator('.panel .choice .tag').first().waitFor()
    },
  },
  'room-dialog': {
    go: async (page) => {
      await page.goto(`${base}/rooms/${room}/members`)
      await page.locator('.panel-acts button').last().click()
      await page.locator('dialog .choice .tag').first().waitFor()
    },
  },
  invite: {
    go: async (page) => {
      await page.goto(`${base}/admin/invites`)
      await page.locator('.pages-content button.primary').click()
      await page.locator('#invite-link').waitFor()
      await page.locator('.table tbody tr').first().waitFor()
    },
  },
  settings: {
    go: async (page) => {
      await page.goto(`${base}/settings/appearance`)
      await page.locator('.preview').waitFor()
    },
  },
  sessions: {
    go: async (page) => {
      await page.goto(`${base}/settings/sessions`)
      await page.locator('.choices .tag').waitFor()
    },
  },
  notifications: {
    go: async (page) => {
      await page.goto(`${base}/settings/notifications`)
      await page.locator('.this-browser p').filter({ hasText: /./ }).waitFor()
    },
  },
  live: {
    go: async (page) => {
      await page.goto(`${base}/admin/live`)
      await page.locator('.figure').first().waitFor()
    },
  },
  share: {
    go: async (page) => {
      await page.goto(`${base}/share?text=${encodeURIComponent('읽어 보세요 https://a.example')}`)
      await page.locator('.share .choice').first().waitFor()
    },
  },
  admin: {
    go: async (page) => {
      await page.goto(`${base}/admin/people`)
      await page.locator('.table tbody tr').first().waitFor()
    },
  },
}

let wrong = 0
for (const language of ['ko', 'en']) {
  for (const width of [1440, 390]) {
    for (const colorScheme of ['light', 'dark']) {
      const variant = `${language}-${width}-${colorScheme}`
      if (variants && !variants.includes(variant)) continue
      const viewport = { width, height: width > 500 ? 900 : 844 }
      const touch = width < 500
      const make = async (guest) => {
        const context = await browser.newContext({
          locale: language === 'ko' ? 'ko-KR' : 'en-US',
          timezoneId: 'Asia/Seoul',
          viewport,
          colorScheme,
          hasTouch: touch,
          reducedMotion: 'reduce',
        })
        if (!guest) {
          const data = { username: 'minsu', password }
          await context.request.post(`${base}/api/v1/login`, { data })
        }
        return context
      }
      const contexts = { guest: await make(true), member: await make(false) }
      for (const [name, { go, guest }] of Object.entries(scenes)) {
        if (only.length > 0 && !only.includes(name)) continue
        const page = await contexts[guest ? 'guest' : 'member'].newPage()
        page.setDefaultTimeout(12_000)
        const label = `${name}-${variant}`
        page.on('pageerror', (error) => {
          wrong++
          console.log(`${label}: ${error.message}`)
        })
        page.on('console', (said) => {
          if (!/Content Security Policy|Trusted/i.test(said.text())) return
          wrong++
          console.log(`${label}: ${said.text()}`)
        })
        try {
          await go(page)
          await page.evaluate('document.fonts.ready')
          await page.waitForLoadState('domcontentloaded')
          await page
            .locator('main form, .plank, .pages-link')
            .first()
            .waitFor({ state: 'attached' })
          // Clocks go on: they are not part of the picture. A style element would be refused.
          await page.evaluate(`{
            const sheet = new CSSStyleSheet()
            sheet.replaceSync('time, .time, .day-line, .choice small { visibility: hidden !important }')
            document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet]
          }`)
          await page.screenshot({
            path: join(resolve(folder), `${label}.png`),
            animations: 'disabled',
            caret: 'hide',
          })
          await page.evaluate(axe)
          const { violations } = await page.evaluate(
            `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })`,
          )
          for (const { id, impact, nodes } of violations) {
            wrong++
            const where = nodes
              .slice(0, 3)
              .map((node) => `${node.target.join(' ')} ${node.any[0]?.message ?? ''}`)
            console.log(`${label}: ${impact} ${id}: ${where.join(' | ')}`)
          }
          const wide = await page.evaluate('document.documentElement.scrollWidth')
          if (wide > width) {
            wrong++
            console.log(`${label}: ${wide} px wide`)
          }
        } catch (error) {
          wrong++
          console.log(`${label}: ${error.message.split('\n')[0]}`)
        }
        await page.close()
      }
      await contexts.guest.close()
      await contexts.member.close()
    }
  }
}
await browser.close()
await house.stop()
console.log(wrong === 0 ? 'no problems' : `${wrong} problems`)
process.exitCode = wrong === 0 ? 0 : 1
