import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { en as firstEn } from './en'
import { admin as adminEn } from './en/admin'
import { errors as errorsEn } from './en/errors'
import { archive as archiveEn } from './en/archive'
import { programs as programsEn } from './en/programs'
import { settings as settingsEn } from './en/settings'
import { ko as firstKo } from './ko'
import { admin as adminKo } from './ko/admin'
import { errors as errorsKo } from './ko/errors'
import { archive as archiveKo } from './ko/archive'
import { programs as programsKo } from './ko/programs'
import { settings as settingsKo } from './ko/settings'
import { signIn as signInKo } from './ko/signIn'

const ko = { ...firstKo, ...errorsKo, ...settingsKo }
const en = { ...firstEn, ...errorsEn, ...settingsEn }

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

/** Each catalogue in both languages. */
const pairs: [ko: object, en: object][] = [
  [ko, en],
  [adminKo, adminEn],
  [programsKo, programsEn],
  [archiveKo, archiveEn],
]

it.each(pairs)('both languages have the same words', (ko, en) => {
  expect(names(en).sort()).toEqual(names(ko).sort())
})

it.each(pairs)('no sentence is empty, and none stands in the wrong catalogue', (ko, en) => {
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

/** Where the words of settings, and of signing in among them, are there: pages that wait for them, and what only they use. */
const waiting =
  /^(settings|security|admin|programs)\/|^entry\/Enrol\.tsx$|^shell\/Switcher\.tsx$|^parts\/(Table|Fields)\.tsx$/

it('words that come later are used by the pages that wait for them', () => {
  const folder = new URL('../ui/', import.meta.url)
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const late = Object.keys(settingsKo)
  const wrong = files
    .filter((file) => /\.tsx?$/.test(file) && !waiting.test(file))
    .flatMap((file) => {
      const text = readFileSync(new URL(file, folder), 'utf8')
      return late
        .filter((word) => !(file.startsWith('entry/') && word in signInKo))
        .filter((word) => new RegExp(`\\bw\\.${word}\\b`).test(text))
        .map((word) => `${file}: ${word}`)
    })
  expect(wrong).toEqual([])
})
