// Compares fresh pictures with those that are kept: npm run compare [-- FRESH [KEPT]]
// A picture differs when more than TOLERANCE of its pixels do; what differs is written beside the
// fresh one as NAME.diff.png, to be looked at. `npm run screens` takes the pictures; those that are
// kept are replaced on purpose only.
import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { chromium } from 'playwright-core'

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

/** In the page, which can read pictures. */
async function compare([before, after, noticed]) {
  const pixels = async (text) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
    const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }))
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height)
    const context = canvas.getContext('2d')
    context.drawImage(bitmap, 0, 0)
    return { canvas, context, data: context.getImageData(0, 0, bitmap.width, bitmap.height) }
  }
  const [a, b] = await Promise.all([pixels(before), pixels(after)])
  const { width, height } = a.data
  if (width !== b.data.width || height !== b.data.height) {
    return { size: `${b.data.width} × ${b.data.height} instead of ${width} × ${height}` }
  }
  let different = 0
  for (let at = 0; at < a.data.data.length; at += 4) {
    let far = 0
    for (let part = 0; part < 3; part++) {
      far += Math.abs(a.data.data[at + part] - b.data.data[at + part])
    }
    if (far <= noticed) continue
    different++
    b.data.data.set([255, 0, 80, 255], at)
  }
  b.context.putImageData(b.data, 0, 0)
  const blob = await b.canvas.convertToBlob({ type: 'image/png' })
  const bytes = new Uint8Array(await blob.arrayBuffer())
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return { share: different / (width * height), picture: btoa(text) }
}
