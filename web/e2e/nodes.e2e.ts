/** Two browsers on two nodes of one cluster. */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launch, Person } from './browser'
import { Maru } from './maru'

let redis: ChildProcess
let directory: string
let browser: Browser
let a: Maru
let b: Maru

/** A port that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => done(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'maru-e2e-redis-'))
  const port = String(await freePort())
  const args = ['--port', port, '--bind', '127.0.0.1', '--dir', directory, '--save', '']
  redis = spawn('redis-server', args, { stdio: 'ignore' })
  const url = ['--redis-url', `redis://127.0.0.1:${port}`]
  browser = await launch()
  // A Redis that is being started is waited for.
  a = await Maru.start([...url, '--node-name', 'a'])
  b = await Maru.start([...url, '--node-name', 'b'])
})

afterAll(async () => {
  await browser.close()
  await Promise.all([a.stop(), b.stop()])
  redis.kill()
  await rm(directory, { recursive: true, force: true })
})

it('people on two nodes talk as on one, also when one of them was killed', async () => {
  const kim = await Person.arrive(browser, a, 'kim', '철수')
  const lee = await Person.arrive(browser, b, 'lee', '영희')
  const room = await kim.caller.room('두 집')
  await lee.caller.call('POST', `/rooms/${room}/join`)
  await Promise.all([kim.open(room), lee.open(room)])
  await kim.box.pressSequentially('안')
  await lee.page.getByText('철수가 쓰고 있어요').waitFor()
  await kim.say('여기는 첫째')
  await lee.reads(['여기는 첫째'])
  await lee.say('여기는 둘째')
  await kim.reads(['여기는 첫째', '여기는 둘째'])

  // A file of one node opens on the other.
  const buffer = Buffer.from('두 집에 있는 글')
  const file = { name: '글.txt', mimeType: 'text/plain', buffer }
  await kim.page.locator('.room .composer input[type=file]').setInputFiles([file])
  await kim.page.locator('.room .composer').getByText('글.txt').waitFor()
  await kim.box.press('Enter')
  await lee.page.locator('.room .message', { hasText: '글.txt' }).waitFor()
  const { messages } = await lee.caller.call<{ messages: { files: { id: number }[] }[] }>(
    'GET',
    `/rooms/${room}/messages?limit=1`,
  )
  const got = await lee.page
    .context()
    .request.get(`${b.url}/api/v1/files/${messages[0]?.files[0]?.id}`)
  expect(await got.text()).toBe('두 집에 있는 글')

  // What is said meanwhile is there when the node is back.
  await a.kill()
  await lee.say('혼자 남은 동안')
  await lee.page.locator('.room .message', { hasText: '혼자 남은 동안' }).waitFor()
  await expect.poll(() => lee.page.locator('.room .message-pending').count()).toBe(0)
  await a.restart()
  await kim.message('혼자 남은 동안').waitFor()
  await kim.say('돌아왔다')
  await lee.message('돌아왔다').waitFor()
  expect([...kim.problems, ...lee.problems]).toEqual([])
})
