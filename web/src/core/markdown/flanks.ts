/**
 * Which runs of `*`, `_`, `~` and `|` may open and close. CommonMark's rule, made for texts in
 * which a particle follows without a space: next to Korean, punctuation does not count against a
 * run. And what is no markup in a chat stays: `2*3*4`, `^_^`, `안녕~~`, `__init__.py`.
 */

export interface Flanks {
  open: boolean
  close: boolean
}

const blank = /^\s?$/u
const punctuation = /[\p{P}\p{S}]/u
const cjk = /[\p{scx=Hang}\p{scx=Han}\p{scx=Hira}\p{scx=Kana}]/u
const word = /[\p{L}\p{N}]/u
const asciiWord = /[A-Za-z0-9]/
/** What may stand before a word: brackets, quotes, other markup. */
const opening = /[\p{Ps}\p{Pi}"'*_~|/,.:;!?…·-]/u

/** `before` and `after` are the characters around the run; empty at the ends of the text. */
export function flanks(mark: string, length: number, before: string, after: string): Flanks {
  const blankBefore = blank.test(before)
  const blankAfter = blank.test(after)
  switch (mark) {
    case '~':
      // A drawn-out word ends in tildes: only before a word they can open.
      return {
        open: length === 2 && !blankAfter && !word.test(before),
        close: length === 2 && !blankBefore,
      }
    case '|':
      return { open: length === 2 && !blankAfter, close: length === 2 && !blankBefore }
    case '_': {
      const face = /[-^~>]/.test(before) || /[-^~<]/.test(after)
      const open = !blankAfter && (blankBefore || opening.test(before)) && !face
      const close = !blankBefore && (blankAfter || cjk.test(after) || !word.test(after)) && !face
      return { open, close }
    }
    default: {
      if (asciiWord.test(before) && asciiWord.test(after)) return { open: false, close: false }
      const markBefore = punctuation.test(before)
      const markAfter = punctuation.test(after)
      const free = cjk.test(before) || cjk.test(after)
      return {
        open: !blankAfter && (!markAfter || blankBefore || markBefore || free),
        close: !blankBefore && (!markBefore || blankAfter || markAfter || free),
      }
    }
  }
}
