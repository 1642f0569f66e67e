/** Languages: one catalogue each, loaded when it is wanted, handed down as a value. */
import { createContext, useContext } from 'react'
import { ApiError } from '../core/api'
import type { Language } from '../core/time'
import type { FirstWords, Words } from './ko'

export type { Words }

const catalogues: Record<Language, () => Promise<FirstWords>> = {
  ko: async () => (await import('./ko')).ko,
  en: async () => (await import('./en')).en,
}
/** What is not said on the first page, fetched when it is wanted. */
const later: Record<Later, Record<Language, () => Promise<Partial<Words>>>> = {
  settings: {
    ko: async () => (await import('./ko/settings')).settings,
    en: async () => (await import('./en/settings')).settings,
  },
  signIn: {
    ko: async () => (await import('./ko/signIn')).signIn,
    en: async () => (await import('./en/signIn')).signIn,
  },
  errors: {
    ko: async () => (await import('./ko/errors')).errors,
    en: async () => (await import('./en/errors')).errors,
  },
}
type Later = 'settings' | 'signIn' | 'errors'
const wanted = new Set<Later>()

/** The words spoken now, for what is no component; it changes with `speak`. */
export let w!: Words
export let language: Language = 'ko'

/** Loads a language and makes it the one that is spoken. */
export async function speak(next: Language): Promise<Words> {
  const rest = [...wanted].map((part) => later[part][next]())
  const [first, ...more] = await Promise.all([catalogues[next](), ...rest])
  // The rest may come later, into the same object: see `moreWords`.
  const words = Object.assign(first, ...more) as Words
  w = words
  language = next
  return words
}

/**
 * The words of settings and administration, and of signing in, fetched beside those pages and there before them; or what
 * refusals mean, which comes behind the first page (until then they are in the server's words).
 */
export async function moreWords(part: Later): Promise<void> {
  wanted.add(part)
  Object.assign(w, await later[part][language]())
}

export const WordsContext = createContext<Words | null>(null)

/** The words of a component: when the language changes, it is drawn again. */
export function useWords(): Words {
  return useContext(WordsContext) ?? w
}

/** A failure as a sentence: by its code in the reader's language, else as the server says it. */
export function sentence(error: unknown): string {
  if (!(error instanceof ApiError)) return w.error.internal ?? ''
  return aboutField(error) ?? w.error[error.code] ?? error.message
}

/** The same for a refusal of which only the code is kept. */
export function sentenceFor(code: string): string {
  return w.error[code] ?? w.failedToSend
}

/** What is wrong with a field: its limit, or what it may be. */
function aboutField({ code, details }: ApiError): string | undefined {
  const { field, limit } = details
  if (typeof field !== 'string') return undefined
  if (code === 'bad_length' && typeof limit === 'number') return w.tooLong(limit)
  if (code === 'bad_length') return w.isEmpty
  return w.fieldError[field]
}
