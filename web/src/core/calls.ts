/** `@room` and its like: everybody is meant, or everybody who is here. */

/** As the server reads them: behind Korean they need no space, and particles may follow. */
export const CALLS = /(?<![\w])@(room|all|channel|here|모두|전체|여기)(?![\w])/giu

export type Call = 'room' | 'here'

/** Whether a text calls everybody; the wider call counts. */
export function callIn(text: string): Call | null {
  const found = [...text.matchAll(CALLS)].map(([, name = '']) => name.toLowerCase())
  if (found.length === 0) return null
  return found.every((name) => name === 'here' || name === '여기') ? 'here' : 'room'
}

/** In larger rooms only owners and administrators call everybody. */
export const CALLED_MEMBERS = 200
/** So many are told without a question. */
export const FEW = 6
