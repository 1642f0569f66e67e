import { beforeEach, describe, expect, it } from 'vitest'
import type { Person } from './browser'
import { stage } from './stage'

const on = stage()
let kim: Person
let room: number

beforeEach(async () => {
  kim = await on.person('철수')
  room = await kim.caller.room(`글쓰기 ${kim.caller.id}`)
  await kim.open(room)
  await kim.box.focus()
})

/** The room holds exactly these, once each; said by the server, not by the page. */
async function sent(...texts: string[]): Promise<void> {
  await kim.reads(texts)
  await expect.poll(() => kim.caller.texts(room)).toEqual(texts)
}

describe('Enter while a syllable is open sends once, nothing lost, nothing twice', () => {
  it('when the input method keeps the Enter to itself', async () => {
    await kim.compose('ㅌ', '테')
    await kim.commit('테')
    await kim.compose('ㅅ', '스', '슽', '스트')
    await kim.key('rawKeyDown', 'Enter', 229)
    await kim.commit('스트')
    await kim.key('keyUp', 'Enter', 229)
    await sent('테스트')
    expect(await kim.box.inputValue()).toBe('')
  })

  it('when the Enter comes once for the input method and once for the page', async () => {
    await kim.compose('ㅇ', '아', '안')
    await kim.commit('안녕하세')
    await kim.compose('ㅇ', '요')
    await kim.key('rawKeyDown', 'Enter', 229)
    await kim.commit('요')
    await kim.enter()
    await kim.say('다음')
    await sent('안녕하세요', '다음')
  })

  it('when the composition ends before the Enter, as in Safari', async () => {
    await kim.compose('ㅅ', '서', '섭', '서버')
    await kim.commit('서버')
    await kim.key('rawKeyDown', 'Enter', 229)
    await kim.key('keyUp', 'Enter', 229)
    await sent('서버')
  })

  it('and a Japanese candidate that is taken with Enter is not sent', async () => {
    await kim.compose('に', 'にほ', 'にほん', '日本')
    await kim.key('rawKeyDown', 'Enter', 229)
    await kim.commit('日本')
    await kim.key('keyUp', 'Enter', 229)
    // The next one, a clean one, sends: had the first done so, there would be two messages.
    await expect.poll(() => kim.box.inputValue()).toBe('日本')
    await kim.enter()
    await sent('日本')
  })
})

it('the text is never rewritten while it is composed', async () => {
  await kim.compose('ㅅ', '사', '살', '사라')
  expect(await kim.box.inputValue()).toBe('사라')
  await kim.compose('사람')
  await kim.commit('사람')
  expect(await kim.box.inputValue()).toBe('사람')
  await kim.enter()
  await sent('사람')
})

it('Shift+Enter breaks the line, also behind an open syllable', async () => {
  await kim.compose('ㅎ', '하', '하나')
  await kim.commit('하나')
  await kim.enter(8)
  await kim.compose('두', '둘')
  await kim.commit('둘')
  await kim.enter()
  await sent('하나\n둘')
})

it('several messages in a row keep their order', async () => {
  const words = ['하나', '둘', '셋', '넷', '다섯']
  for (const word of words) {
    await kim.compose(word)
    await kim.key('rawKeyDown', 'Enter', 229)
    await kim.commit(word)
    await kim.enter()
  }
  await sent(...words)
})

it('a message is NFC, whatever was typed', async () => {
  await kim.say('한글'.normalize('NFD'))
  await sent('한글')
})

it('a text that is too long stays, with the number of what is too much', async () => {
  await kim.say('가'.repeat(10_003))
  await kim.page.getByText('3자가 넘쳤어요').waitFor()
  await kim.box.press('Backspace')
  await kim.box.press('Backspace')
  await kim.box.press('Backspace')
  await kim.page.getByText('0자 더 쓸 수 있어요').waitFor()
  await kim.box.press('Enter')
  await sent('가'.repeat(10_000))
})

it('people are found by half a syllable after @, and chosen with one Enter', async () => {
  const lee = await on.person('이영희')
  await lee.caller.call('POST', `/rooms/${room}/join`)
  await kim.page.reload()
  await kim.online()
  await kim.box.focus()
  await kim.page.keyboard.type('@')
  await kim.compose('ㅇ', '이', '잉')
  const option = kim.page.getByRole('option', { name: '이영희' })
  await option.waitFor()
  await kim.key('rawKeyDown', 'Enter', 229)
  await kim.commit('이여')
  await kim.key('keyUp', 'Enter', 229)
  await expect.poll(() => kim.box.inputValue()).toBe('@이영희 ')
  await kim.page.keyboard.type('hi')
  await kim.enter()
  await sent('@이영희 hi')
  await kim.page.locator('.mention', { hasText: '@이영희' }).waitFor()
})

it('the switcher takes initial consonants, half a syllable and the wrong keyboard', async () => {
  await kim.caller.room('서버 이야기')
  await kim.page.keyboard.press('Control+KeyK')
  const dialog = kim.page.getByRole('dialog')
  const field = dialog.getByRole('combobox')
  const marked = dialog.locator('[role=option][aria-selected=true]')
  for (const query of ['ㅅㅂ', '섭', 'tjqj']) {
    await field.fill(query)
    await expect.poll(() => marked.innerText()).toContain('서버 이야기')
  }
  // One Enter ends the syllable and goes there.
  await field.fill('')
  await kim.compose('ㅅ', '서')
  await expect.poll(() => marked.innerText()).toContain('서버 이야기')
  await kim.key('rawKeyDown', 'Enter', 229)
  await kim.commit('서')
  await kim.key('keyUp', 'Enter', 229)
  await kim.page.getByRole('heading', { name: '서버 이야기' }).waitFor()
  await dialog.waitFor({ state: 'detached' })
})
