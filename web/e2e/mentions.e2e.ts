import { expect, it } from 'vitest'
import { stage } from './stage'

const on = stage()

it('the list filters while a syllable is open, follows the arrows, and Escape ends it', async () => {
  const [kim, lee, room] = await on.pair('부르는 방')
  for (const name of ['이영수', '박지원', '김민지']) {
    const one = await on.person(name)
    await one.caller.call('POST', `/rooms/${room}/join`)
  }
  await kim.open(room)
  await kim.box.focus()
  const options = kim.page.getByRole('option')
  const names = () => options.locator('strong').allInnerTexts()
  await kim.page.keyboard.type('고마워@')
  await expect.poll(names).toEqual(['영희', '이영수', '박지원', '김민지'])
  // Half a syllable, then first consonants: found before anything is committed.
  await kim.compose('ㅂ', '바')
  await expect.poll(names).toEqual(['박지원'])
  await kim.commit('박')
  await kim.page.keyboard.press('Backspace')
  await kim.compose('ㅇ')
  await kim.commit('ㅇ')
  await kim.compose('ㅇ')
  await kim.commit('ㅇ')
  await expect.poll(names).toEqual(['이영수'])
  await kim.page.keyboard.press('Backspace')
  // Whoever is here can be called, too: @여기.
  await expect
    .poll(async () => (await names()).sort())
    .toEqual(['@here', '박지원', '영희', '이영수'])

  // A list below a field of several lines, told to screen readers: the field stays a text box.
  expect(await kim.box.getAttribute('role')).toBeNull()
  expect(await kim.box.getAttribute('aria-autocomplete')).toBe('list')
  expect(await kim.box.getAttribute('aria-controls')).toBe(
    await kim.page.getByRole('listbox').getAttribute('id'),
  )
  const active = () => kim.box.getAttribute('aria-activedescendant')
  const marked = kim.page.locator('[role=option][aria-selected=true]')
  const first = await active()
  expect(await marked.getAttribute('id')).toBe(first)
  await kim.page.keyboard.press('ArrowDown')
  expect(await active()).not.toBe(first)
  await kim.page.keyboard.press('ArrowUp')
  expect(await active()).toBe(first)
  // Keys of the input method are not the list's.
  await kim.compose('여')
  await kim.key('rawKeyDown', 'ArrowDown', 229)
  await kim.key('rawKeyDown', 'Escape', 229)
  await kim.commit('여')
  await expect.poll(() => kim.box.inputValue()).toBe('고마워@ㅇ여')
  await kim.page.keyboard.press('Backspace')
  await marked.waitFor()
  await kim.page.keyboard.press('Escape')
  await options.first().waitFor({ state: 'detached' })
  expect(await active()).toBeNull()
  expect(await kim.box.inputValue()).toBe('고마워@ㅇ')
  expect(lee.problems).toEqual([])
})

it('of two people with one name the chosen one is called, with a particle, also after a reload', async () => {
  const [kim, lee, room] = await on.pair('같은 이름')
  const twin = await on.person('영희')
  await twin.caller.call('POST', `/rooms/${room}/join`)
  await kim.open(room)
  await kim.box.focus()
  await kim.page.keyboard.type(`@${twin.caller.username}`)
  const option = kim.page.getByRole('option', { name: twin.caller.username })
  await option.waitFor()
  await kim.page.keyboard.press('Tab')
  await expect.poll(() => kim.box.inputValue()).toBe('@영희 ')
  await kim.page.keyboard.press('Backspace')
  // The draft remembers who was meant.
  await kim.page.reload()
  await kim.online()
  await expect.poll(() => kim.box.inputValue()).toBe('@영희')
  await kim.box.press('End')
  await kim.compose('님', '님이')
  await kim.commit('님이')
  await kim.enter()
  await kim.reads(['@영희님이'])
  expect((await kim.caller.last(room)).mentions).toEqual([twin.caller.id])

  // Whoever is called so sees it, and another namesake does not.
  await Promise.all([lee.page.goto(on.maru.url), twin.page.goto(on.maru.url)])
  await twin.page.locator('.plank', { hasText: '같은 이름' }).locator('.badge-loud').waitFor()
  const quiet = lee.page.locator('.plank', { hasText: '같은 이름' })
  await quiet.locator('.dot').waitFor()
  expect(await quiet.locator('.badge').count()).toBe(0)
  await twin.open(room)
  await twin.page.locator('.mention-me', { hasText: '@영희' }).waitFor()
})

it('a mention stays with its person through renaming and editing', async () => {
  const [kim, lee, room] = await on.pair('바뀐 이름')
  await kim.caller.post(room, '@영희님 안녕하세요')
  await lee.caller.call('PATCH', '/me', { display_name: '순희' })
  await kim.open(room)
  const mention = kim.page.locator('.mention', { hasText: '@영희' })
  await mention.waitFor()
  await expect.poll(() => mention.getAttribute('title')).toBe('순희')

  await kim.message('안녕하세요').hover()
  await kim.page.getByRole('button', { name: '고치기' }).click()
  const box = kim.page.locator('.edit-box textarea')
  await box.press('End')
  await kim.page.keyboard.type(' @')
  await kim.compose('ㅅ', '수')
  await kim.page.getByRole('option', { name: '순희' }).waitFor()
  await kim.key('rawKeyDown', 'Enter', 229)
  await kim.commit('순')
  await kim.key('keyUp', 'Enter', 229)
  await expect.poll(() => box.inputValue()).toBe('@영희님 안녕하세요 @순희 ')
  await kim.enter()
  await kim.page.locator('.mention', { hasText: '@순희' }).waitFor()
  await expect.poll(() => kim.page.locator('.mention').allInnerTexts()).toEqual(['@영희', '@순희'])
  expect((await kim.caller.last(room)).mentions).toEqual([lee.caller.id])
})

it('not everybody is loaded at the start; people are found where they are needed', async () => {
  const kim = await on.person('철수')
  const room = await kim.caller.room('큰 집')
  const asked: string[] = []
  kim.page.on('request', (request) => {
    const { pathname, search } = new URL(request.url())
    if (pathname.startsWith('/api/v1/')) asked.push(pathname.slice(7) + search)
  })
  await kim.open(room)
  expect(asked.filter((path) => path.startsWith('/users'))).toEqual([])

  const lee = await on.person('이영희')
  await kim.page.getByRole('button', { name: '함께하는 사람' }).click()
  await kim.page.getByRole('complementary').getByRole('button', { name: '사람 부르기' }).click()
  const dialog = kim.page.getByRole('dialog')
  await dialog.getByPlaceholder('사람 찾기').fill('ㅇㅇㅎ')
  await dialog.getByRole('button', { name: lee.caller.username }).click()
  await dialog.getByRole('button', { name: '1명 부르기' }).click()
  await expect.poll(() => kim.page.locator('.room-head').innerText()).toContain('2')
  await lee.page.goto(on.maru.url)
  await lee.page.locator('.plank', { hasText: '큰 집' }).waitFor()
})
