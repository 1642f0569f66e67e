/** What one does with messages besides answering, and the places where they are found again. */
import { expect, it } from 'vitest'
import type { Person } from './browser'
import { stage } from './stage'

const on = stage()

/** Chooses from a message's menu. */
async function choose(person: Person, text: string, what: string): Promise<void> {
  await person.message(text).hover()
  await person.page.getByRole('button', { name: '더 하기' }).click()
  await person.page.getByRole('menuitem', { name: what }).click()
}

it('pinned by one, found by all; saved by one, found by oneself', async () => {
  const [kim, lee, room] = await on.pair('고정하는 방')
  await kim.caller.post(room, '회의는 세 시')
  await Promise.all([kim.open(room), lee.open(room)])
  await choose(kim, '회의는', '방에 고정')
  await lee.message('회의는').locator('.message-pinned').waitFor()
  await lee.page.goto(`${on.maru.url}/rooms/${room}/pins`)
  await lee.panel.locator('.card', { hasText: '회의는 세 시' }).getByText('철수가').waitFor()
  await choose(kim, '회의는', '고정 풀기')
  await lee.panel.getByText('고정한 글이 없어요').waitFor()

  await choose(kim, '회의는', '나중에 보기')
  await kim.page.locator('.place', { hasText: '나중에 볼 글' }).click()
  const card = kim.page.locator('.card', { hasText: '회의는 세 시' })
  await card.getByRole('button', { name: '글로 가기' }).click()
  await kim.message('회의는').waitFor()
  await kim.page.goBack()
  await card.getByRole('button', { name: '다 봤어요' }).click()
  await kim.page.getByText('나중에 볼 글이 없어요').waitFor()
})

it('who is named finds it in a place; unread again, and read elsewhere', async () => {
  const [kim, lee, room] = await on.pair('부르는 방')
  const elsewhere = await kim.caller.room('다른 방')
  await lee.caller.post(room, '첫째')
  await lee.caller.post(room, `@${kim.caller.username} 둘째`)
  await lee.caller.post(room, '셋째')
  await kim.open(room)
  const plank = kim.page.locator('.plank', { hasText: '부르는 방' })
  await expect.poll(() => plank.getAttribute('data-unread')).toBe('false')
  await choose(kim, '둘째', '여기부터 안 읽음으로')
  await kim.page.locator('.plank', { hasText: '다른 방' }).click()
  await expect.poll(() => plank.innerText()).toContain('읽지 않은 글 2개, 나를 부른 글 1개')
  await kim.page.locator('.place', { hasText: '나를 부른 글' }).click()
  await kim.page.locator('.card', { hasText: '둘째' }).waitFor()
  expect(elsewhere).toBeGreaterThan(0)
  await plank.click()
  await expect.poll(() => plank.innerText()).not.toContain('읽지 않은')
})

it('who has read the last word is said, and who is here', async () => {
  const [kim, lee, room] = await on.pair('읽는 방')
  await kim.open(room)
  await kim.say('보셨나요')
  expect(await kim.page.locator('.read-by').count()).toBe(0)
  await lee.open(room)
  await kim.page.locator('.read-by', { hasText: '영희' }).waitFor()
  await choose(kim, '보셨나요', '글 정보')
  await kim.page.getByRole('dialog').getByText('영희').first().waitFor()
  await kim.page.keyboard.press('Escape')

  await lee.caller.call('PUT', '/me/status', { emoji: '🏠', text: '재택근무' })
  await lee.say('봤어요')
  await kim.message('봤어요').locator('.author').click()
  const card = kim.page.locator('.profile')
  await card.getByText('재택근무').waitFor()
  await card.getByText('접속 중').waitFor()
  await card.getByRole('button', { name: '대화하기' }).click()
  await kim.page.getByRole('heading', { name: '영희' }).waitFor()
  await kim.page.locator('.plank', { hasText: '영희' }).locator('[data-presence=here]').waitFor()
})

it('written now and sent later; begun here and gone on with elsewhere', async () => {
  const [kim, lee, room] = await on.pair('나중 방')
  await Promise.all([kim.open(room), lee.open(room)])
  await kim.box.fill('나중에 갈 글')
  await kim.page.getByRole('button', { name: '나중에 보내기' }).click()
  await kim.page.getByRole('button', { name: /한 시간 뒤/ }).click()
  await kim.page.getByText('에 보낼게요').first().waitFor()
  expect(await kim.box.inputValue()).toBe('')
  await kim.page.locator('.place', { hasText: '쓰던 글과 예약' }).click()
  const card = kim.page.locator('.card', { hasText: '나중에 갈 글' })
  await card.getByRole('button', { name: '예약한 글 다루기' }).click()
  await kim.page.getByRole('menuitem', { name: '지금 보내기' }).click()
  await lee.reads(['나중에 갈 글'])
  await card.waitFor({ state: 'detached' })

  await kim.caller.call('PUT', '/me/drafts', { room_id: room, text: '전화기에서 쓰던 글' })
  await kim.open(room)
  await expect.poll(() => kim.box.inputValue()).toBe('전화기에서 쓰던 글')
  await kim.box.fill('컴퓨터에서 고친 글')
  await expect
    .poll(async () => {
      const { drafts } = await kim.caller.call<{ drafts: { text: string }[] }>('GET', '/me/drafts')
      return drafts.map(({ text }) => text)
    })
    .toEqual(['컴퓨터에서 고친 글'])
})

it('a favourite stands on top and a muted room is quiet, on every device', async () => {
  const [kim, lee, room] = await on.pair('시끄러운 방')
  const home = await kim.caller.room('집')
  await kim.open(home)
  const plank = kim.page.locator('.plank', { hasText: '시끄러운 방' })
  await plank.click({ button: 'right' })
  await kim.page.getByRole('menuitemcheckbox', { name: '알림 끔' }).click()
  await expect.poll(() => plank.getAttribute('data-muted')).toBe('true')
  await lee.caller.post(room, '시끌')
  await lee.caller.post(room, '벅적')
  await plank.click({ button: 'right' })
  await kim.page.getByRole('menuitem', { name: '즐겨찾기' }).click()
  const favourites = kim.page.locator('.section', { hasText: '즐겨찾기' })
  await favourites.getByText('시끄러운 방').waitFor()
  expect(await plank.getAttribute('data-unread')).toBe('false')
  await expect
    .poll(async () => {
      const settings = await kim.caller.call<{ rooms?: { favourites: number[] } }>(
        'GET',
        '/me/settings',
      )
      return settings.rooms?.favourites
    })
    .toEqual([room])
  await kim.page.evaluate(() => localStorage.removeItem('maru.rooms'))
  await kim.page.reload()
  await favourites.getByText('시끄러운 방').waitFor()
})

it('many are called after a question only; a message goes to another room', async () => {
  const [kim, lee, room] = await on.pair('큰 방')
  for (let n = 0; n < 6; n++) {
    const one = await on.person(`손님${n}`)
    await one.caller.call('POST', `/rooms/${room}/join`)
  }
  await kim.caller.room('전할 방')
  await Promise.all([kim.open(room), lee.open(room)])
  await kim.say('@room 모여 주세요')
  await kim.page.getByRole('button', { name: '알리고 보내기' }).click()
  await lee.reads(['@room 모여 주세요'])
  expect(await lee.message('모여').getAttribute('data-named')).toBe('true')
  await choose(kim, '모여', '다른 방에 전하기')
  await kim.page.getByRole('dialog').getByPlaceholder('방이나 사람 찾기').fill('전할')
  await kim.page.keyboard.press('Enter')
  await kim.page.locator('.toast').getByRole('button', { name: '방으로 가기' }).click()
  await kim.page.locator('.message blockquote', { hasText: '모여 주세요' }).waitFor()
})
