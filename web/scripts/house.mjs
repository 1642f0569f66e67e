// A house with people in it, for pictures: a server of its own, filled over the API.
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

export const password = '마루에 앉은 사람들 7'

/** Starts the binary of MARU_BIN on a folder of its own; `stop` takes both away. */
export async function openHouse() {
  const binary = resolve(process.env.MARU_BIN ?? '../target/debug/maru')
  const data = await mkdtemp(join(tmpdir(), 'maru-pictures-'))
  const server = spawn(
    binary,
    [
      'serve',
      '--listen',
      '127.0.0.1:0',
      '--data-dir',
      data,
      '--signup',
      'open',
      '--name',
      '한옥마을',
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  process.once('exit', () => server.kill())
  let setup
  const base = await new Promise((ready, fail) => {
    let url
    server.once('exit', () => fail(new Error('the server did not start')))
    for (const stream of [server.stdout, server.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        setup ??= /https?:\/\/\S+\/signup\?\S+/.exec(line)?.[0]
        url ??= /listening on (http:\/\/\S+)/.exec(line)?.[1]
        if (url && setup) ready(url)
      })
    }
  })
  return {
    base,
    setup,
    stop: async () => {
      server.removeAllListeners('exit')
      const gone = new Promise((done) => server.once('exit', done))
      server.kill('SIGTERM')
      await gone
      await rm(data, { recursive: true, force: true })
    },
  }
}

/** Fills a house; gives back who lives in it and which rooms there are. */
export async function furnish({ base, setup }) {
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
  const people = {}
  const invite = new URL(setup).searchParams.get('invite')
  for (const [username, display_name] of [
    ['minsu', '김민수'],
    ['jiwon', '박지원'],
    ['haneul', '이하늘'],
    ['seoyeon', '최서연'],
    ['alex', 'Alex Kim'],
    ['doyun', '정도윤'],
    ['narae', '한나래'],
  ]) {
    const body = { username, password, display_name }
    const { token, user } = await call(null, 'POST', '/signup', {
      ...body,
      ...(username === 'minsu' ? { invite } : {}),
    })
    people[username] = { token, id: user.id }
  }
  const { minsu, jiwon, haneul, seoyeon, alex, doyun, narae } = people
  const rooms = {}
  for (const [name, topic, kind] of [
    ['개발', '배포, 리뷰, 그 밖의 만드는 이야기', 'public'],
    ['공지', '모두에게 알리는 글', 'public'],
    ['디자인', '화면과 글씨', 'public'],
    ['운영진', '', 'private'],
    ['수다방', '아무 말이나 합시다', 'public'],
    ['점심 뭐 먹지', '', 'public'],
    ['책 읽는 저녁', '한 달에 한 권', 'public'],
    ['random', '', 'public'],
    ['release-2026', 'What ships in December', 'public'],
  ]) {
    rooms[name] = (await call(minsu, 'POST', '/rooms', { name, topic, kind })).id
  }
  for (const name of ['산에 가는 사람들', '커피 모임', 'photography']) {
    rooms[name] = (await call(jiwon, 'POST', '/rooms', { name, topic: '' })).id
  }
  for (const who of [jiwon, haneul, seoyeon, alex, doyun, narae]) {
    for (const name of ['개발', '공지', '수다방', '디자인', 'random', 'release-2026']) {
      await call(who, 'POST', `/rooms/${rooms[name]}/join`)
    }
  }
  const say = (who, room, text, reply_to) =>
    call(who, 'POST', `/rooms/${room}/messages`, { text, ...(reply_to ? { reply_to } : {}) })
  const direct = async (first, ...others) =>
    (await call(first, 'POST', '/direct', { user_ids: others.map(({ id }) => id) })).id

  await say(jiwon, rooms['수다방'], '주말에 북한산 가실 분 계신가요?')
  await say(haneul, rooms['수다방'], '저요! 김밥은 제가 쌀게요.')
  await say(narae, rooms['디자인'], '@minsu님, 새 색을 한번 봐 주세요.')
  await say(seoyeon, rooms['공지'], '다음 주 월요일은 쉽니다.')
  await say(jiwon, await direct(minsu, jiwon), '회의 자료 보냈어요.')
  await say(minsu, await direct(minsu, haneul, seoyeon), '세 시에 뵐게요.')
  await say(minsu, await direct(minsu, alex), 'See you tomorrow!')

  const room = rooms['개발']
  const plan = await say(jiwon, room, '오늘 배포는 곧 시작합니다. 준비된 분은 알려 주세요.')
  const done = await say(haneul, room, '저는 준비 끝났어요!')
  await say(
    haneul,
    room,
    '체크리스트는 https://example.org/checklist 에 있으니 확인해 주세요. 빠진 게 있으면 **바로** 말해 주세요.',
  )
  const mine = await say(minsu, room, '확인했습니다. 서버 쪽은 제가 맡을게요.')
  await call(minsu, 'PATCH', `/messages/${mine.id}`, {
    text: '확인했습니다. 서버 쪽 마이그레이션은 제가 맡을게요.',
  })
  await say(seoyeon, room, '@minsu님 고마워요! 끝나면 여기에 남겨 주세요.')
  await say(alex, room, 'Morning all, I will watch the dashboards during the rollout.')
  await say(
    doyun,
    room,
    '설정은 이렇게 바꿨어요.\n```toml\nlisten = "127.0.0.1:8080"\nfsync = "always"\n```',
  )
  for (const who of [minsu, jiwon, seoyeon]) {
    await call(who, 'PUT', `/messages/${done.id}/reactions/${encodeURIComponent('❤️')}`)
  }
  for (const who of [haneul, alex]) {
    await call(who, 'PUT', `/messages/${mine.id}/reactions/${encodeURIComponent('🙏')}`)
  }
  const page = await call(minsu, 'GET', `/rooms/${room}/messages?limit=1`)
  await call(minsu, 'POST', `/rooms/${room}/read`, { message_id: page.messages[0].id })
  await say(jiwon, room, '배포 끝났습니다. 모두 고생하셨어요! 🎉', plan.id)
  await say(
    haneul,
    room,
    '수고하셨습니다. 검색도 눈에 띄게 빨라졌네요. 어제 배포했던 기록까지 바로 나와요.',
  )
  await say(seoyeon, room, '저녁은 다 같이 먹을까요?')
  return { people, rooms, room, call }
}
