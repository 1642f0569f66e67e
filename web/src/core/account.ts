/** What a username and a password may be, as the server judges them: said while one types. */

export type NameProblem = 'blank' | 'sign'
export type PasswordProblem = 'short' | 'long' | 'name'

const PASSWORD_BYTES = { least: 8, most: 256 }

export function usernameProblem(typed: string): NameProblem | null {
  if (/\s/u.test(typed)) return 'blank'
  return /[@#/\\:;,<>"'`&?%]/.test(typed) ? 'sign' : null
}

/** Bytes in NFC are counted: three Korean syllables are longer than eight Latin letters. */
export function passwordProblem(typed: string, username: string): PasswordProblem | null {
  const text = typed.normalize('NFC')
  const { length } = new TextEncoder().encode(text)
  if (length < PASSWORD_BYTES.least) return 'short'
  if (length > PASSWORD_BYTES.most) return 'long'
  const same = text.toLowerCase() === username.normalize('NFC').trim().toLowerCase()
  return same ? 'name' : null
}
