import { describe, expect, it } from 'vitest'
import type { User } from '../api/types'
import { me, other } from './fixtures'
import { Directory, mentionQuery, stillNamed, type AskPeople } from './mentions'

it('a name is typed behind an @ that is no address', () => {
  for (const [before, query] of [
    ['@', ''],
    ['안녕 @철', '철'],
    ['고마워@철', '철'],
    ['(@kim', 'kim'],
    ['@kim @이ㅇ', '이ㅇ'],
    ['줄\n@', ''],
  ] as const) {
    expect(mentionQuery(before), before).toBe(query)
  }
  for (const before of ['', 'a@b', '3@', 'a_@', '@철수 ', '@@ x', `@${'a'.repeat(41)}`]) {
    expect(mentionQuery(before), before).toBeNull()
  }
})

it('who was chosen counts as long as the name stands there', () => {
  const chosen = [
    { id: 1, name: '이영희' },
    { id: 2, name: 'Alex Kim' },
    { id: 1, name: '이영희' },
  ]
  expect(stillNamed(chosen, '@이영희님')).toEqual([1])
  expect(stillNamed(chosen, '@이영 @Alex Kim')).toEqual([2])
  expect(stillNamed(chosen, '@이영희'.normalize('NFD'))).toEqual([1])
})

describe('the people of a room', () => {
  const people: User[] = [
    me,
    other,
    { ...other, id: 3, username: 'minsu', display_name: '김민수' },
    { ...other, id: 4, username: 'gone', display_name: '김없음', disabled: true },
  ]
  let asked: string[] = []
  const server =
    (all: User[]): AskPeople =>
    (q, limit) => {
      asked.push(q)
      return Promise.resolve(all.filter((u) => u.display_name.includes(q)).slice(0, limit))
    }

  it('of a small room are asked for once, and searched by half a syllable', async () => {
    asked = []
    const directory = new Directory(server(people), me.id)
    expect(directory.best('')).toEqual([])
    expect(await directory.look('')).toBe(true)
    expect(directory.best('').map(({ user }) => user.id)).toEqual([2, 3])
    expect(await directory.look('ㄱㅁ')).toBe(false)
    expect(directory.best('ㄱㅁ').map(({ user }) => user.id)).toEqual([3])
    expect(directory.best('이여').map(({ user }) => user.id)).toEqual([2])
    expect(asked).toEqual([''])
  })

  it('of a large room are asked for by name', async () => {
    asked = []
    const many = Array.from({ length: 150 }, (_, n) => ({
      ...other,
      id: 100 + n,
      username: `u${n}`,
      display_name: `손님${n}`,
    }))
    const directory = new Directory(server([...many, ...people]), me.id)
    await directory.look('김민')
    expect(asked).toEqual(['', '김민'])
    expect(directory.best('김민').map(({ user }) => user.id)).toEqual([3])
  })

  it('an answer that was overtaken teaches nothing', async () => {
    let release: (users: User[]) => void = () => undefined
    const held = new Promise<User[]>((resolve) => (release = resolve))
    let calls = 0
    const directory = new Directory(() => (++calls === 1 ? held : Promise.resolve([other])), me.id)
    const first = directory.look('')
    await directory.look('이')
    release(people)
    await first
    expect(directory.best('').map(({ user }) => user.id)).toEqual([2])
  })

  it('outside of the room come behind, and only for half a name', async () => {
    const outsider = { ...other, id: 9, username: 'kang', display_name: '김강' }
    const directory = new Directory(server(people), me.id, () =>
      Promise.resolve([...people, outsider]),
    )
    await directory.look('')
    expect(directory.best('').some(({ outside }) => outside)).toBe(false)
    expect(await directory.look('김')).toBe(true)
    const found = directory.best('김').map(({ user, outside }) => [user.id, outside])
    expect(found).toEqual([
      [3, false],
      [9, true],
    ])
  })

  it('can be missing without a word', async () => {
    const directory = new Directory(() => Promise.reject(new Error('offline')), me.id)
    expect(await directory.look('김')).toBe(false)
  })
})
