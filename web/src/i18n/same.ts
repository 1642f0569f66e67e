import type { Language } from '../core/time'

/** The same names and kinds of words as another catalogue. */
export type Same<T> = {
  [K in keyof T]: T[K] extends Language ? Language : T[K] extends string ? string : T[K]
}
