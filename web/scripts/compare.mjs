// Compares fresh pictures with those that are kept: npm run compare [-- FRESH [KEPT]]
// A picture differs when more than TOLERANCE of its pixels do; what differs is written beside the
// fresh one as NAME.diff.png, to be looked at. `npm run screens` takes the pictures; those that are
// kept are replaced on purpose only.
import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { chromium } from 'playwright-core'
import { compare } from './pixels.mjs'

/** Letters are drawn a little otherwise from one machine to the next, and clocks go on. */
const TOLERANCE = 0.01
/** Of a colour's three parts together, of 765. */
const NOTICED = 60

const [fresh = 'screens', kept = 'e2e/screens'] = process.argv.slice(2)
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
})
const page = await browser.newPage()
const names = (await readdir(resolve(kept))).filter((name) => /(?<!\.diff)\.png$/.test(name))
let wrong = 0
for (const name of names) {
  const read = async (folder) => (await readFile(join(resolve(folder), name))).toString('base64')
  let pictures
  try {
    pictures = await Promise.all([read(kept), read(fresh)])
  } catch {
    console.log(`${name}: there is no fresh one`)
    wrong++
    continue
  }
  const { share, size, picture } = await page.evaluate(compare, [...pictures, NOTICED])
  if (size) console.log(`${name}: ${size}`)
  else if (share > TOLERANCE) console.log(`${name}: ${(share * 100).toFixed(2)} % differ`)
  else continue
  wrong++
  if (picture)
    await writeFile(join(resolve(fresh), name.replace('.png', '.diff.png')), picture, 'base64')
}
await browser.close()
console.log(wrong === 0 ? `${names.length} pictures are the same` : `${wrong} differ`)
process.exitCode = wrong === 0 ? 0 : 1
