// Takes pictures of the app with real data: `npm run screenshots [FOLDER]`.
// Starts the binary of MARU_BIN on a folder of its own; needs Chromium (CHROMIUM).
import { spawn } from 'node:child_process'
import { mkdtemp, mkdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { chromium } from 'playwright-core'

const folder = resolve(process.argv[2] ?? 'screenshots')
const binary = resolve(process.env.MARU_BIN ?? '../target/debug/maru')

const data = await mkdtemp(join(tmpdir(), 'maru-pictures-'))
const server = spawn(
  binary,
  ['serve', '--listen', '127.0.0.1:0', '--data-dir', data, '--signup', 'open'],
  { stdio: ['ignore', 'pipe', 'inherit'] },
)
process.once('exit', () => server.kill())
process.once('uncaughtException', (error) => {
  console.error(error)
  process.exit(1)
})
const base = await new Promise((ready, fail) => {
  server.once('exit', () => fail(new Error('the server did not start')))
  createInterface({ input: server.stdout }).on('line', (line) => {
    const url = /listening on (http:\/\/\S+)/.exec(line)?.[1]
    if (url) ready(url)
  })
})

async function call(who, method, path, body) {
  const response = await fetch(`${base}/api/v1${path}`, {
    method,
    headers: {
      ...(body ? { 'content-type': 'application/json' } : {}),
      ...(who ? { authorization: `Bearer ${who.token}` } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path}: ${text}`)
  return text ? JSON.parse(text) : undefined
}

const password = '마루에 앉은 사람들 7'
const people = {}
for (const [username, display_name] of [
  ['minsu', '김민수'],
  ['jiwon', '박지원'],
  ['haneul', '이하늘'],
  ['seoyeon', '최서연'],
  ['alex', 'Alex Kim'],
]) {
  const { token, user } = await call(null, 'POST', '/signup', { username, password, display_name })
  people[username] = { token, id: user.id }
}
const { minsu, jiwon, haneul, seoyeon, alex } = people

const rooms = {}
for (const [name, topic, kind] of [
  ['점심 뭐 먹지', '', 'public'],
  ['random', '', 'public'],
  ['운영진', '', 'private'],
  ['수다방', '아무 말이나 합시다', 'public'],
  ['개발', '배포, 리뷰, 그 밖의 만드는 이야기', 'public'],
]) {
  rooms[name] = (await call(minsu, 'POST', '/rooms', { name, topic, kind })).id
}
for (const who of [jiwon, haneul, seoyeon, alex]) {
  for (const name of ['개발', '수다방', 'random']) {
    await call(who, 'POST', `/rooms/${rooms[name]}/join`)
  }
}
const say = (who, room, text, reply_to) =>
  call(who, 'POST', `/rooms/${room}/messages`, { text, ...(reply_to ? { reply_to } : {}) })

await say(jiwon, rooms['수다방'], '주말에 북한산 가실 분 계신가요?')
await say(haneul, rooms['수다방'], '저요! 김밥은 제가 쌀게요.')
const direct = await call(minsu, 'POST', '/direct', { user_ids: [jiwon.id] })
await say(jiwon, direct.id, '회의 자료 보냈어요.')
await call(minsu, 'POST', '/direct', { user_ids: [haneul.id, seoyeon.id] })

const room = rooms['개발']
const plan = await say(jiwon, room, '오늘 배포는 곧 시작합니다. 준비된 분은 알려 주세요.')
const done = await say(haneul, room, '저는 준비 끝났어요!')
await say(haneul, room, '체크리스트는 https://example.org/checklist 에 있으니 확인해 주세요.')
const mine = await say(minsu, room, '확인했습니다. 서버 쪽은 제가 맡을게요.')
await call(minsu, 'PATCH', `/messages/${mine.id}`, {
  text: '확인했습니다. 서버 쪽 마이그레이션은 제가 맡을게요.',
})
await say(seoyeon, room, '@minsu님 고마워요! 끝나면 여기에 남겨 주세요.')
await say(alex, room, 'Morning all, I will watch the dashboards during the rollout.')
for (const who of [minsu, jiwon, seoyeon]) {
  await call(who, 'PUT', `/messages/${done.id}/reactions/${encodeURIComponent('♥')}`)
}
await call(minsu, 'POST', `/rooms/${room}/read`, { message_id: (await newest()).id })
await say(jiwon, room, '배포 끝났습니다. 모두 고생하셨어요!', plan.id)
await say(
  haneul,
  room,
  '수고하셨습니다. 검색도 눈에 띄게 빨라졌네요. 어제 배포했던 기록까지 바로 나와요.',
)
await say(seoyeon, room, '저녁은 다 같이 먹을까요?')

async function newest() {
  const page = await call(minsu, 'GET', `/rooms/${room}/messages?limit=1`)
  return page.messages[0]
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
})
await mkdir(folder, { recursive: true })

// The pictures are taken at four in the afternoon, wherever that is.
const shift = Math.min(14, 16 - new Date().getUTCHours())
const afternoon = `Etc/GMT${shift > 0 ? '-' : '+'}${Math.abs(shift)}`

const wide = { width: 1280, height: 800 }
const phone = { width: 360, height: 740 }
const hall = async (page) => {
  await page.goto(`${base}/rooms/${room}`)
  await page.locator('.message').last().waitFor()
}
const search = async (page) => {
  await hall(page)
  await page.locator('.room-head').getByRole('button', { name: '글 찾기' }).click()
  const field = page.getByRole('searchbox', { name: '글 찾기' })
  const mark = page.locator('mark').first()
  // The index follows the log within moments.
  for (let tries = 0; tries < 50 && !(await mark.isVisible()); tries++) {
    await field.fill('배포')
    await field.press('Enter')
    await page.locator('.results-total', { hasText: /개를 찾|없어요/ }).waitFor()
  }
  await mark.waitFor()
}
const list = async (page) => {
  await page.goto(base)
  await page.locator('.plank').first().waitFor()
}
const entry = async (page) => {
  await page.context().clearCookies()
  await page.goto(base)
  await page.locator('form').waitFor()
}

for (const [name, scene, viewport, colorScheme] of [
  ['hall-light', hall, wide, 'light'],
  ['hall-dark', hall, wide, 'dark'],
  ['search-light', search, wide, 'light'],
  ['search-dark', search, wide, 'dark'],
  ['phone-room', hall, phone, 'light'],
  ['phone-rooms', list, phone, 'dark'],
  ['entry', entry, wide, 'light'],
  ['entry-phone', entry, phone, 'dark'],
]) {
  const context = await browser.newContext({
    locale: 'ko-KR',
    timezoneId: afternoon,
    viewport,
    colorScheme,
    deviceScaleFactor: 1.5,
    reducedMotion: 'reduce',
  })
  await context.request.post(`${base}/api/v1/login`, { data: { username: 'minsu', password } })
  const page = await context.newPage()
  await scene(page)
  await page.evaluate('document.fonts.ready')
  await page.screenshot({ path: join(folder, `${name}.png`) })
  console.log(join(folder, `${name}.png`))
  await context.close()
}

await browser.close()
server.removeAllListeners('exit')
const gone = new Promise((done) => server.once('exit', done))
server.kill('SIGTERM')
await gone
await rm(data, { recursive: true, force: true })
