import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { en } from './en'
import { ko } from './ko'

/** Every name in a catalogue, with what kind of thing it is. */
function names(words: object, path = ''): string[] {
  return Object.entries(words).flatMap(([name, word]: [string, unknown]) =>
    typeof word === 'object' && word !== null
      ? names(word, `${path}${name}.`)
      : [`${path}${name} ${typeof word}`],
  )
}

function sentences(words: object): string[] {
  return Object.values(words).flatMap((word: unknown) =>
    typeof word === 'object' && word !== null
      ? sentences(word)
      : typeof word === 'string'
        ? [word]
        : [],
  )
}

it('both languages have the same words', () => {
  expect(names(en).sort()).toEqual(names(ko).sort())
})

it('no sentence is empty, and none stands in the wrong catalogue', () => {
  expect([...sentences(ko), ...sentences(en)].filter((text) => text.trim() === '')).toEqual([])
  expect(sentences(en).filter((text) => /[가-힣]/.test(text) && text !== '한국어')).toEqual([])
})

it('every code of the server is a sentence in both languages', () => {
  const table = readFileSync(
    new URL('../../../crates/domain/src/refusal.rs', import.meta.url),
    'utf8',
  )
  const codes = [...table.matchAll(/= "([a-z_]+)", \d{3};/g)].map(([, code]) => code)
  expect(codes.length).toBeGreaterThan(20)
  for (const words of [ko, en]) {
    expect(codes.filter((code) => code && !words.error[code])).toEqual([])
  }
})
