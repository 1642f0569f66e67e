// Draws the pictures of the installed app from `public/icon.svg`: node scripts/icons.mjs
import { readFile } from 'node:fs/promises'
import { chromium } from 'playwright-core'

const svg = await readFile('public/icon.svg', 'utf8')
/** Without the rounded ground: what a launcher cuts out itself. */
const full = svg.replace('rx="14"', 'rx="0"')
const maskable = full
  .replace('viewBox="0 0 64 64"', 'viewBox="-8 -8 80 80"')
  .replace('<rect width="64" height="64"', '<rect x="-8" y="-8" width="80" height="80"')
/** One colour on nothing, as status bars want it. */
const badge = svg.replace(/<rect[^>]*>/, '').replace(/fill="#[0-9a-f]+"/g, 'fill="#fff"')

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
})
const page = await browser.newPage()
for (const [name, size, source] of [
  ['icon-192', 192, svg],
  ['icon-512', 512, svg],
  ['icon-maskable-512', 512, maskable],
  ['apple-touch-icon', 180, full],
  ['badge-96', 96, badge],
]) {
  await page.setViewportSize({ width: size, height: size })
  await page.setContent(`<style>*{margin:0}svg{display:block;width:100vw}</style>${source}`)
  await page.screenshot({ path: `public/${name}.png`, omitBackground: true })
}
await browser.close()
