import { parse as parsed } from './route'
import { expect, it } from 'vitest'
import { parse, roomPath, searchPath, settingsPath, threadPath, withoutPanel } from './route'

const at = (address: string) => {
  const { pathname, search } = new URL(address, 'http://maru')
  return parse(pathname, search)
}

it('knows each place by its address', () => {
  expect(at('/')).toMatchObject({ page: 'home', panel: undefined })
  expect(at('/reset?token=abc')).toMatchObject({ page: 'reset', token: 'abc' })
  expect(at('/email?token=abc')).toMatchObject({ page: 'email', token: 'abc' })
  expect(at('/signup?invite=abc')).toMatchObject({ page: 'signup', invite: 'abc' })
  expect(at('/rooms/12/')).toMatchObject({ page: 'room', room: 12, panel: undefined })
  expect(at('/rooms/12/pins')).toMatchObject({ page: 'room', room: 12, panel: 'pins' })
  expect(at('/settings/sessions')).toMatchObject({ page: 'settings', section: 'sessions' })
  expect(at('/admin')).toMatchObject({ page: 'admin', section: undefined })
})

it('reads back what it writes', () => {
  expect(at(roomPath(12, 345))).toMatchObject({ page: 'room', room: 12, message: 345 })
  expect(at(threadPath(12, 7, 9))).toMatchObject({ panel: 'thread', root: 7, message: 9 })
  expect(at(searchPath(12, '연기 & 력', 345))).toMatchObject({
    page: 'room',
    panel: 'search',
    query: '연기 & 력',
    message: 345,
  })
  expect(at(searchPath(undefined, 'a'))).toMatchObject({ page: 'search', query: 'a' })
  expect(at(settingsPath('theme'))).toMatchObject({ section: 'theme' })
  expect(withoutPanel(at(threadPath(12, 7)))).toBe('/rooms/12')
})

it('does not take the unknown for home', () => {
  for (const address of ['/nowhere', '/rooms', '/rooms/x', '/rooms/0', '/rooms/12/else']) {
    expect(parse(address, '').page).toBe('unknown')
  }
  expect(at('/rooms/12?m=x').message).toBeUndefined()
})

it('what another app shares is one text, each part once', () => {
  const share = parsed(
    '/share',
    '?title=소식&text=읽어 보세요 https://a.example&url=https://a.example',
  )
  expect(share).toMatchObject({ page: 'share', shared: '소식\n읽어 보세요 https://a.example' })
})
