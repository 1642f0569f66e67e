import type { Language } from '../core/time'
import { ApiError } from '../core/api'
import { en } from './en'
import { ko, type Words } from './ko'

/** The reader's language: Korean where the browser asks for it first, else English. */
export const language: Language = navigator.language.toLowerCase().startsWith('ko') ? 'ko' : 'en'

export const w: Words = language === 'ko' ? ko : en

/** A failure as a sentence: ours where there is one in the reader's language, else the server's. */
export function sentence(error: unknown): string {
  if (!(error instanceof ApiError)) return w.error.internal ?? en.broken
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
