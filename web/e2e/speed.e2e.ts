/** How fast one is in a room from nothing: bytes, requests and round trips before the first message. */
import type { CDPSession } from 'playwright-core'
import { expect, it } from 'vitest'
import type { Person } from './browser'
import { stage } from './stage'

const on = stage()

/** What may come before the first message is read, as it is sent: 119.5 kB today. */
const SCRIPT_BYTES = 120_000
/** The page, its scripts and its sheet, the words, the answer: as many as a browser asks for at once. */
const REQUESTS = 8
const LATENCY_MS = 150
/** 0.5 to 0.6 s beside other work; the rest is for machines that are busy with other tests. */
const FIRST_MESSAGE_MS = 1_000

interface Asked {
  url: string
  type: string
  bytes: number
  /** Seconds on the browser's clock. */
  asked: number
  done: number
}

/** A start with an empty cache, up to the first message. */
async function start(person: Person, room: number, latency = 0): Promise<[Asked[], number]> {
  const { page } = person
  await page.goto('about:blank')
  const cdp: CDPSession = await page.context().newCDPSession(page)
  await cdp.send('Network.enable')
  await cdp.send('Network.setCacheDisabled', { cacheDisabled: false })
  await cdp.send('Network.clearBrowserCache')
  const endless = { downloadThroughput: -1, uploadThroughput: -1 }
  await cdp.send('Network.emulateNetworkConditions', { offline: false, latency, ...endless })
  const asked = new Map<string, Asked>()
  cdp.on('Network.requestWillBeSent', ({ requestId, request, type = '', timestamp }) => {
    const { pathname, search } = new URL(request.url)
    const url = pathname + search
    asked.set(requestId, { url, type, bytes: 0, asked: timestamp, done: Infinity })
  })
  cdp.on('Network.loadingFinished', ({ requestId, encodedDataLength, timestamp }) => {
    const one = asked.get(requestId)
    if (one) Object.assign(one, { bytes: encodedDataLength, done: timestamp })
  })
  await page.goto(`${on.maru.url}/rooms/${room}`, { waitUntil: 'commit' })
  const shown = await page.evaluate(
    () =>
      new Promise<number>((found) => {
        const look = () => {
          if (document.querySelector('.room .message .text')) found(performance.now())
          else requestAnimationFrame(look)
        }
        look()
      }),
  )
  const all = [...asked.values()]
  const first = Math.min(...all.map((one) => one.asked))
  await person.online()
  await cdp.detach()
  return [all.filter((one) => one.asked - first <= shown / 1000), shown]
}

it('comes to the first message in two round trips and few bytes', async () => {
  const kim = await on.person('철수')
  const room = await kim.caller.room(`마당 ${kim.caller.username}`)
  for (let n = 1; n <= 60; n++) await kim.caller.post(room, `글 ${n}`)
  const [all] = await start(kim, room, LATENCY_MS)
  const names = all.map(({ url }) => url)
  // What is asked for before anything but the page is there: the first message needs no more.
  const answered = all.filter(({ type, done }) => type !== 'Document' && done < Infinity)
  const earliest = Math.min(...answered.map(({ done }) => done))
  const first = all.filter(({ asked }) => asked <= earliest)
  const scripts = first.filter(({ url }) => url.endsWith('.js'))
  const bytes = scripts.reduce((sum, one) => sum + (one.done < Infinity ? one.bytes : 0), 0)
  console.info(`${bytes} bytes of scripts, ${first.length} requests: ${names.join(' ')}`)
  expect(bytes).toBeLessThanOrEqual(SCRIPT_BYTES)
  expect(first.length).toBeLessThanOrEqual(REQUESTS)
  expect(first.filter(({ url }) => url.includes('/bootstrap'))).toHaveLength(1)
  for (const part of ['base', 'SignedIn', 'ko']) {
    expect(first.filter(({ url }) => url.includes(`/assets/${part}-`))).toHaveLength(1)
  }
  expect(names.filter((url) => url.includes('/bootstrap'))).toHaveLength(1)
  // The page that is read first came along; older ones are asked for in good time.
  const pages = names.filter((url) => url.includes('/messages'))
  expect(pages.filter((url) => !url.includes('before='))).toEqual([])
})

it('is there in time when every answer takes 150 ms', async () => {
  const kim = await on.person('영희')
  const room = await kim.caller.room(`뒷마당 ${kim.caller.username}`)
  for (let n = 1; n <= 60; n++) await kim.caller.post(room, `글 ${n}`)
  const took: number[] = []
  for (let n = 0; n < 5; n++) took.push((await start(kim, room, LATENCY_MS))[1])
  console.info(`first message after ${took.map(Math.round).join(', ')} ms`)
  expect(Math.min(...took)).toBeLessThanOrEqual(FIRST_MESSAGE_MS)
})
