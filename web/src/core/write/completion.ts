/** What is being typed that a list could finish: a person behind `@`, an emoji behind `:`. */
import { mentionQuery } from '../mentions'

export interface Question {
  kind: 'person' | 'emoji'
  /** Without its sign. */
  text: string
  /** Where the sign stands. */
  from: number
}

/**
 * `:` behind a word is punctuation or an address, and `:D` a face: an emoji's name has two Latin
 * letters or one Korean.
 */
const named =
  /(?:^|[\s(["'“‘,.!?~]|\p{Extended_Pictographic}\uFE0F?):([a-z+-][\w+-]{1,30}|[ㄱ-ㅎㅏ-ㅣ가-힣][\w가-힣ㄱ-ㅣ]{0,20})$/iu

/** Looks at the text before the caret. */
export function question(before: string): Question | null {
  const person = mentionQuery(before)
  if (person !== null) {
    return { kind: 'person', text: person, from: before.length - person.length - 1 }
  }
  const name = named.exec(before.slice(-64))?.[1]
  if (name === undefined) return null
  return { kind: 'emoji', text: name, from: before.length - name.length - 1 }
}

/** An emoji's name that was closed just now, as in `:tada:`. */
export function closedName(before: string): { name: string; from: number } | null {
  const name = /(?:^|[\s([]):([a-z0-9][\w+-]{0,30}|[+-]1):$/iu.exec(before.slice(-64))?.[1]
  return name === undefined ? null : { name, from: before.length - name.length - 2 }
}
