import { expect, it } from 'vitest'
import { find, otherKeyboard, rank } from './hangul'

const rooms = ['서버 개발', '수다방', '김치찌개', 'hello world', '안녕 마당', '인사']
const found = (query: string) => find(query, rooms, (name) => [name])

it('finds by initial consonants', () => {
  expect(found('ㅅㅂ')).toEqual(['서버 개발'])
  expect(found('ㅅ')).toEqual(['서버 개발', '수다방', '인사'])
})

it('finds while a syllable is being typed', () => {
  expect(found('섭')).toEqual(['서버 개발'])
  expect(found('기')).toEqual(['김치찌개'])
  expect(found('수닫')).toEqual([])
  expect(found('숟')).toEqual(['수다방'])
})

it('finds with the keyboard left in the other language', () => {
  expect(otherKeyboard('dkssud')).toBe('안녕')
  expect(otherKeyboard('ㅗ디ㅣㅐ')).toBe('hello')
  expect(found('dkssud')).toEqual(['안녕 마당'])
  expect(found('ㅗ디ㅣㅐ')).toEqual(['hello world'])
})

it('puts what was typed before what it could have meant', () => {
  const names = ['안녕', 'dkssud']
  expect(find('dkssud', names, (n) => [n])).toEqual(['dkssud', '안녕'])
})

it('ignores case, spaces and the form of the syllables', () => {
  expect(rank('HELLOW', 'Hello World')).toBe(0)
  expect(rank('서버'.normalize('NFD'), '서버')).toBe(0)
})

it('finds all with nothing asked', () => {
  expect(found('')).toEqual(rooms)
})
