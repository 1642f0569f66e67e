import { expect, it } from 'vitest'
import { shownOf } from './push'

const push = { room_id: 5, message_id: 7, room: '마당', author: '이영희', text: '안녕' }

it('a push names who, where and what, and leads there', () => {
  expect(shownOf(push, 'ko-KR')).toEqual({
    title: '이영희 · 마당',
    body: '안녕',
    tag: 'room-5',
    url: '/rooms/5?m=7',
  })
})

it('a text that is private, and a push that says nothing, are still shown', () => {
  const { text: _, ...quiet } = { ...push, room: '' }
  expect(shownOf(quiet, 'ko')).toMatchObject({ title: '이영희', body: '새 글이 있어요.' })
  expect(shownOf({ ...quiet, language: 'en' }, 'ko').body).toBe('There is a new message.')
  expect(shownOf(null, 'en-US')).toEqual({
    title: 'Maru',
    body: 'There is a new message.',
    tag: 'maru',
    url: '/',
  })
})

it('a text is shown as words; what hides stays hidden, also where the end is cut off', () => {
  const body = (text: string) => shownOf({ ...push, text }, 'ko').body
  expect(body('**세 시**에 `배포`')).toBe('세 시에 배포')
  expect(body('범인은 ||집사||예요')).toBe('범인은 ▒▒예요')
  expect(body('범인은 ||집사와 그…')).toBe('범인은 ▒▒▒…')
  expect(body('||하나|| 둘…')).toBe('▒▒ 둘…')
})
