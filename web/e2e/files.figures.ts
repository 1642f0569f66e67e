/**
 * What files cost the server: a large one coming in, and pictures made small behind what people
 * say. Memory and time are those of the server's process.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type { Caller } from './maru'
import { stage } from './stage'

const on = stage(['--max-file-size', '300MiB'])
const LARGE_BYTES = 200_000_000
const PICTURES = 100
const POSTS_A_SECOND = 20

/** Of the server: what it holds of its own, and all that is resident, in MB. */
async function memory(): Promise<{ own: number; all: number }> {
  const status = await readFile(`/proc/${on.maru.pid}/status`, 'utf8')
  const mb = (name: string) =>
    (Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) * 1024) / 1e6
  return { own: mb('RssAnon'), all: mb('VmRSS') }
}

async function send(caller: Caller, name: string, content: Blob): Promise<{ id: number }> {
  const form = new FormData()
  form.append('file', content, name)
  const answer = await fetch(`${on.maru.url}/api/v1/files`, {
    method: 'POST',
    headers: { authorization: `Bearer ${caller.token}` },
    body: form,
  })
  expect(answer.status).toBe(201)
  return (await answer.json()) as { id: number }
}

it(`a file of ${LARGE_BYTES / 1e6} MB comes in`, { timeout: 300_000 }, async () => {
  const kim = await on.person('철수')
  await kim.page.close()
  await send(kim.caller, 'warm', new Blob([new Uint8Array(1_000_000)]))
  const before = await memory()
  let most = before
  const over = new AbortController()
  const watching = (async () => {
    while (!over.signal.aborted) {
      const now = await memory()
      most = { own: Math.max(most.own, now.own), all: Math.max(most.all, now.all) }
      await wait(10)
    }
  })()
  const begin = performance.now()
  await send(kim.caller, 'large', new Blob([new Uint8Array(LARGE_BYTES)]))
  const took_s = (performance.now() - begin) / 1000
  over.abort()
  await watching
  console.log(
    `${LARGE_BYTES / 1e6} MB came in within ${took_s.toFixed(1)} s; the server's own memory grew by ` +
      `${(most.own - before.own).toFixed(1)} MB, all that is resident by ${(most.all - before.all).toFixed(1)} MB`,
  )
  expect(most.own - before.own).toBeLessThanOrEqual(30)
})

/** How long posts take, at a steady pace, until it is over; in ms. */
async function posting(caller: Caller, room: number, over: () => boolean): Promise<number[]> {
  const times: number[] = []
  const waiting: Promise<void>[] = []
  const begin = performance.now()
  for (let n = 0; !over(); n++) {
    const late = begin + (n * 1000) / POSTS_A_SECOND - performance.now()
    if (late > 0) await wait(late)
    const sent = performance.now()
    waiting.push(caller.post(room, `글 ${n}`).then(() => void times.push(performance.now() - sent)))
  }
  await Promise.all(waiting)
  return times.sort((a, b) => a - b)
}

it(`${PICTURES} pictures of 12 Mpixel are made small`, { timeout: 600_000 }, async () => {
  const kim = await on.person('영희')
  const room = await kim.caller.room('사진')
  await kim.open(room)
  const pictures: Blob[] = []
  for (let n = 0; n < PICTURES; n++) {
    // As a camera's: JPEG with shapes and grain.
    const text = await kim.page.evaluate(async (seed) => {
      const canvas = new OffscreenCanvas(4000, 3000)
      const pen = canvas.getContext('2d')
      if (!pen) return ''
      for (let i = 0; i < 300; i++) {
        pen.fillStyle = `hsl(${(seed * 37 + i * 11) % 360} 60% ${20 + (i % 60)}%)`
        pen.fillRect((i * 331 + seed * 97) % 4000, (i * 577) % 3000, 400 + (i % 7) * 90, 300)
      }
      const grain = pen.createImageData(500, 500)
      for (let i = 0; i < grain.data.length; i++) grain.data[i] = Math.random() * 255
      for (let x = 0; x < 4; x++) pen.putImageData(grain, x * 1000, (x * 700) % 2500)
      const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.85 })
      const bytes = new Uint8Array(await blob.arrayBuffer())
      let binary = ''
      for (let at = 0; at < bytes.length; at += 32_768)
        binary += String.fromCharCode(...bytes.subarray(at, at + 32_768))
      return btoa(binary)
    }, n)
    pictures.push(new Blob([Buffer.from(text, 'base64')]))
  }
  await kim.page.close()
  const bytes = pictures.reduce((sum, { size }) => sum + size, 0)

  const idleUntil = performance.now() + 8_000
  const idle = await posting(kim.caller, room, () => performance.now() > idleUntil)
  const folder = join(on.maru.directory, 'files', 'thumbnails')
  const made = async () => (await readdir(folder)).length
  let done = false
  const during = posting(kim.caller, room, () => done)
  const begin = performance.now()
  const before = await memory()
  let most = before.own
  for (let at = 0; at < PICTURES; at += 4) {
    await Promise.all(
      pictures.slice(at, at + 4).map((picture, n) => send(kim.caller, `${at + n}.jpg`, picture)),
    )
  }
  const sent_s = (performance.now() - begin) / 1000
  while ((await made()) < PICTURES) {
    most = Math.max(most, (await memory()).own)
    await wait(20)
  }
  const took_s = (performance.now() - begin) / 1000
  done = true
  const busy = await during
  const part = (times: number[], p: number) => (times[Math.floor(times.length * p)] ?? 0).toFixed(1)
  console.log(
    `${PICTURES} pictures of 12 Mpixel, ${(bytes / 1e6).toFixed(0)} MB: sent within ${sent_s.toFixed(1)} s, ` +
      `all made small ${took_s.toFixed(1)} s after the first was sent; memory grew by ${(most - before.own).toFixed(0)} MB; ` +
      `posts p50 ${part(idle, 0.5)} ms before and ${part(busy, 0.5)} ms meanwhile, ` +
      `p95 ${part(idle, 0.95)} and ${part(busy, 0.95)} ms`,
  )
})
