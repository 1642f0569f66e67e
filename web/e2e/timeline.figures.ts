/**
 * What the timeline costs, in a real browser: a busy room, a long way back, one's own message, and
 * the way to the other. Prints one line each; on a machine that does other things they are worse.
 */
import type { CDPSession, Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { Caller } from './maru'
import type { Person } from './browser'
import { stage } from './stage'

const on = stage()
const BUSY_S = 20
const A_SECOND = 50
const LONG = 5_000
const plain = [
  '오늘 회의는 세 시로 옮겼어요',
  '네 알겠습니다 그때 봬요',
  '점심은 김치찌개로 할까요? 저는 좋아요',
]
const rich = '자료는 https://example.org/a 에 있고 **굵게** `code` 도 있어요'
/** One in eight has something in it, as in a real room. */
const words = (n: number) => (n % 8 === 0 ? rich : (plain[n % 3] ?? ''))

interface Seen {
  frames: number[]
  long: number[]
}
type Watched = Window & { seen: Seen }

/** Counts frames and long tasks from now on. */
async function watch(page: Page): Promise<void> {
  await page.evaluate(() => {
    const seen: Seen = { frames: [], long: [] }
    ;(window as unknown as Watched).seen = seen
    const frame = (at: number) => {
      seen.frames.push(at)
      requestAnimationFrame(frame)
    }
    requestAnimationFrame(frame)
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) seen.long.push(duration)
    }).observe({ type: 'longtask' })
  })
}

async function watched(page: Page): Promise<Seen> {
  return page.evaluate(() => (window as unknown as Watched).seen)
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0
}

/** The middle one of the frames per second of each second. */
function fps({ frames }: Seen): number {
  const first = frames[0] ?? 0
  const seconds = new Map<number, number>()
  for (const at of frames) {
    const second = Math.floor((at - first) / 1000)
    seconds.set(second, (seconds.get(second) ?? 0) + 1)
  }
  return median([...seconds.values()].slice(0, -1))
}

async function metrics(cdp: CDPSession): Promise<Record<string, number>> {
  const { metrics: all } = await cdp.send('Performance.getMetrics')
  return Object.fromEntries(all.map(({ name, value }) => [name, value]))
}

async function heapMb(cdp: CDPSession): Promise<number> {
  await cdp.send('HeapProfiler.collectGarbage')
  const { usedSize } = await cdp.send('Runtime.getHeapUsage')
  return usedSize / 1e6
}

async function opened(person: Person, room: number): Promise<CDPSession> {
  await person.open(room)
  await person.page.locator('.timeline-frame[data-ready=true]').waitFor()
  const cdp = await person.page.context().newCDPSession(person.page)
  // Time on the processor: what other programs do meanwhile is not counted.
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' })
  return cdp
}

const elements = (page: Page) => page.evaluate(() => document.querySelectorAll('*').length)

it(`${A_SECOND} messages a second for ${BUSY_S} s into the open room`, async () => {
  const [kim, lee, room] = await on.pair('바쁜 방')
  const others = [lee.caller]
  for (let n = 0; n < 3; n++) {
    const other = await Caller.signUp(on.maru, `busy${n}`, `사람 ${n}`)
    await other.call('POST', `/rooms/${room}/join`)
    others.push(other)
  }
  const cdp = await opened(kim, room)
  // Watching costs something itself: a quiet time with it is taken off.
  await watch(kim.page)
  const before = await metrics(cdp)
  await kim.page.waitForTimeout(3_000)
  const idle = await metrics(cdp)
  const posts: Promise<unknown>[] = []
  const begin = performance.now()
  for (let n = 0; n < BUSY_S * A_SECOND; n++) {
    const wait = begin + (n * 1000) / A_SECOND - performance.now()
    if (wait > 0) await new Promise((then) => setTimeout(then, wait))
    const other = others[Math.floor(n / 3) % others.length]
    posts.push(other?.post(room, `${n} ${words(n)}`) ?? Promise.resolve())
  }
  await Promise.all(posts)
  const seconds = (performance.now() - begin) / 1000
  await kim
    .message(`${BUSY_S * A_SECOND - 1} `)
    .first()
    .waitFor()
  const after = await metrics(cdp)
  const seen = await watched(kim.page)
  const busy_s = (after.TaskDuration ?? 0) - (idle.TaskDuration ?? 0)
  const rest_s = (((idle.TaskDuration ?? 0) - (before.TaskDuration ?? 0)) / 3) * seconds
  console.log(
    `busy room: ${posts.length} messages in ${seconds.toFixed(1)} s, ${fps(seen)} fps median, ` +
      `${seen.long.length} long tasks, the longest ${Math.max(0, ...seen.long)} ms, ` +
      `${(((busy_s - rest_s) * 1000) / posts.length).toFixed(2)} ms of main thread a message ` +
      `(script ${((((after.ScriptDuration ?? 0) - (idle.ScriptDuration ?? 0)) * 1000) / posts.length).toFixed(2)}, ` +
      `layout ${((((after.LayoutDuration ?? 0) - (idle.LayoutDuration ?? 0)) * 1000) / posts.length).toFixed(2)}, ` +
      `style ${((((after.RecalcStyleDuration ?? 0) - (idle.RecalcStyleDuration ?? 0)) * 1000) / posts.length).toFixed(2)}), ` +
      `${await elements(kim.page)} elements, heap ${(await heapMb(cdp)).toFixed(1)} MB`,
  )
})

/** Posts at the pace of the busy room until it is stopped. */
function keepPosting(callers: Caller[], room: number): () => Promise<void> {
  const end = new AbortController()
  const posting = (async () => {
    const begin = performance.now()
    for (let n = 0; !end.signal.aborted; n++) {
      const wait = begin + (n * 1000) / A_SECOND - performance.now()
      if (wait > 0) await new Promise((then) => setTimeout(then, wait))
      void callers[n % callers.length]?.post(room, `${n} ${words(n)}`).catch(() => undefined)
    }
  })()
  return async () => {
    end.abort()
    await posting
  }
}

it('what one does in the busy room is seen at once', async () => {
  const [kim, lee, room] = await on.pair('바쁜 손')
  await opened(kim, room)
  const { page } = kim
  await page.evaluate(() => {
    const seen = new Map<number, number>()
    ;(window as unknown as { acts: typeof seen }).acts = seen
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { interactionId: number })[]) {
        const { interactionId: id, duration } = entry
        if (id > 0) seen.set(id, Math.max(seen.get(id) ?? 0, duration))
      }
    }).observe({ type: 'event', durationThreshold: 16, buffered: true } as PerformanceObserverInit)
  })
  const stop = keepPosting([lee.caller, kim.caller], room)
  await page.waitForTimeout(1_000)
  let acts = 0
  for (let round = 0; round < 5; round++) {
    // A line is typed and sent, a message looked at by keys, the switcher opened, another room seen.
    await kim.box.focus()
    for (const letter of 'typed in a rush')
      await page.keyboard.press(letter === ' ' ? 'Space' : letter)
    await page.keyboard.press('Enter')
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+KeyK')
    await page.locator('.switcher-head').waitFor()
    await page.keyboard.press('Escape')
    await page.locator('.room-head button[aria-expanded]').first().click()
    await page.locator('.panel').waitFor()
    await page.keyboard.press('Escape')
    acts += 22
  }
  await page.waitForTimeout(500)
  await stop()
  const slow = await page.evaluate(() => [
    ...(window as unknown as { acts: Map<number, number> }).acts.values(),
  ])
  slow.sort((a, b) => b - a)
  // Of so few the slowest counts; those under 16 ms are not told at all.
  const p98 = slow[Math.floor(acts / 50)] ?? 0
  console.log(
    `acts in the busy room: ${acts}, the slowest ${slow[0] ?? 0} ms, the third ${p98} ms, ` +
      `${slow.filter((ms) => ms > 100).length} over 100 ms`,
  )
})

it(`${LONG} messages scrolled back`, async () => {
  const kim = await on.person('철수')
  await on.maru.import(
    Array.from({ length: LONG + 200 }, (_, n) => ({
      id: `long ${n}`,
      room: '긴 방',
      user: `사람${n % 7}`,
      sent_at: new Date(Date.UTC(2026, 9, 1) + n * 240_000).toISOString(),
      text: `${n} ${words(n)} `.repeat(n % 5 === 0 ? 3 : 1).trim(),
    })),
  )
  const rooms = await kim.caller
    .call<{ id: number; name: string }[]>('GET', '/rooms/directory?q=긴')
    .catch(() => kim.caller.call<{ id: number; name: string }[]>('GET', '/rooms'))
  const list = Array.isArray(rooms) ? rooms : (rooms as { rooms: typeof rooms }).rooms
  const room = list.find(({ name }) => name === '긴 방')?.id ?? 0
  await kim.caller.call('POST', `/rooms/${room}/join`)
  const { id: message_id } = await kim.caller.last(room)
  await kim.caller.call('POST', `/rooms/${room}/read`, { message_id })
  const cdp = await opened(kim, room)
  await kim
    .message(`${LONG + 199} `)
    .first()
    .waitFor()
  await watch(kim.page)
  const before = await metrics(cdp)
  const timeline = kim.page.locator('.timeline')
  await timeline.hover()
  const begin = performance.now()
  const first = () =>
    kim.page.evaluate(() => parseInt(document.querySelector('.message .text')?.textContent ?? '0'))
  let most = 0
  for (let at = await first(); at > 200; at = await first()) {
    await kim.page.mouse.wheel(0, -900)
    await kim.page.waitForTimeout(16)
    most = Math.max(most, await elements(kim.page))
  }
  const seen = await watched(kim.page)
  const busy_s = ((await metrics(cdp)).TaskDuration ?? 0) - (before.TaskDuration ?? 0)
  const gaps = seen.frames.map((at, n) => at - (seen.frames[n - 1] ?? at)).sort((a, b) => a - b)
  const part = (p: number) => (gaps[Math.floor(gaps.length * p)] ?? 0).toFixed(0)
  console.log(
    `back: ${LONG} messages in ${((performance.now() - begin) / 1000).toFixed(1)} s, ` +
      `${seen.long.length} long tasks, the longest ${Math.max(0, ...seen.long)} ms, ` +
      `${((busy_s * 1000) / LONG).toFixed(2)} ms of main thread a message, ` +
      `frames p50 ${part(0.5)} p95 ${part(0.95)} p99 ${part(0.99)} ms, ` +
      `at most ${most} elements, heap ${(await heapMb(cdp)).toFixed(1)} MB`,
  )
  expect(most).toBeLessThan(1_500)
})

it("one's own message: no row moves when it is confirmed", async () => {
  const [kim, , room] = await on.pair('내 글')
  await opened(kim, room)
  const shifts: number[] = []
  for (let n = 0; n < 20; n++) {
    await kim.box.fill(`내 글 ${n}`)
    const moved = kim.page.evaluate(async (text) => {
      const find = () =>
        [...document.querySelectorAll('.room .message')].find((m) =>
          m.querySelector('.text')?.textContent.startsWith(text),
        )
      const box = (e: Element) => ({
        bottom: e.getBoundingClientRect().bottom,
        height: e.clientHeight,
      })
      const frame = () => new Promise((then) => requestAnimationFrame(then))
      let row = find()
      while (!row) {
        await frame()
        row = find()
      }
      const start = box(row)
      let most = 0
      for (let done = 0; done < 10; done += row.matches('.message-pending') ? 0 : 1) {
        await frame()
        row = find() ?? row
        const now = box(row)
        most = Math.max(
          most,
          Math.abs(now.bottom - start.bottom),
          Math.abs(now.height - start.height),
        )
      }
      return most
    }, `내 글 ${n}`)
    await kim.box.press('Enter')
    shifts.push(await moved)
  }
  console.log(`own message: rows moved at most ${Math.max(...shifts)} px on confirmation`)
  expect(Math.max(...shifts)).toBe(0)
})

it('from Enter to the eyes of the other', async () => {
  const [kim, lee, room] = await on.pair('둘')
  await opened(kim, room)
  await opened(lee, room)
  const times: number[] = []
  for (let n = 0; n < 30; n++) {
    await kim.box.fill(`보여요 ${n}`)
    const seen = lee.page.evaluate(
      (text) =>
        new Promise<number>((then) => {
          const frame = () => {
            if (document.querySelector('.messages')?.textContent.includes(text)) then(Date.now())
            else requestAnimationFrame(frame)
          }
          frame()
        }),
      `보여요 ${n}`,
    )
    const sent = kim.page.evaluate(
      () =>
        new Promise<number>((then) => {
          const once = () => then(Date.now())
          document.addEventListener('keydown', once, { capture: true, once: true })
        }),
    )
    await kim.page.waitForTimeout(50)
    await kim.box.press('Enter')
    times.push((await seen) - (await sent))
  }
  const sorted = times.sort((a, b) => a - b)
  console.log(`to the other: p50 ${sorted[15] ?? 0} ms, p95 ${sorted[28] ?? 0} ms`)
})

it('from one room to another that was open before', async () => {
  const kim = await on.person('철수')
  const rooms: number[] = []
  for (const name of ['앞방', '뒷방']) {
    const room = await kim.caller.room(`${name} ${kim.caller.username}`)
    rooms.push(room)
    for (let n = 0; n < 120; n++) await kim.caller.post(room, `${name} ${n} ${words(n)}`)
  }
  for (const room of [...rooms, ...rooms]) await kim.open(room)
  const [first = 0, second = 0] = rooms
  const times: number[] = []
  for (let n = 0; n < 20; n++) {
    const [room, name] = n % 2 === 0 ? [first, '앞방'] : [second, '뒷방']
    times.push(
      await kim.page.evaluate(
        ([path, text]) =>
          new Promise<number>((then) => {
            const begin = performance.now()
            document.querySelector<HTMLElement>(`.plank[href="${path}"]`)?.click()
            const look = () => {
              const shown = document.querySelector('.messages .message:last-child .text')
              if (!shown?.textContent.startsWith(text)) requestAnimationFrame(look)
              // What this frame has drawn is on the screen with the next one.
              else requestAnimationFrame(() => then(performance.now() - begin))
            }
            look()
          }),
        [`/rooms/${room}`, name] as const,
      ),
    )
    await kim.page.waitForTimeout(600)
  }
  // The first two load what was not held.
  const sorted = times.slice(2).sort((a, b) => a - b)
  console.log(
    `to a room that was open before: p50 ${(sorted[9] ?? 0).toFixed(0)} ms, the longest ${(sorted.at(-1) ?? 0).toFixed(0)} ms`,
  )
})
