/**
 * Enter and the input method, as a machine without a browser.
 *
 * One Enter means one submit, whichever of these a browser does: tell of the Enter only while the
 * syllable is still open, tell of it twice (once open, once clean), or close the syllable first and
 * mark the Enter with key code 229 (Safari). Nothing here depends on how long anything takes.
 */

export interface Compose {
  composing: boolean
  /** What the open composition holds: Korean commits and submits with one Enter, others do not. */
  hangul: boolean
  /** An Enter was left to the input method and nothing has answered it yet. */
  owed: boolean
  /** A Hangul composition ended and no key has come since. */
  justEnded: boolean
}

export const idle: Compose = { composing: false, hangul: false, owed: false, justEnded: false }

export interface Key {
  key: string
  keyCode: number
  isComposing: boolean
  shift: boolean
  /** Any of Ctrl, Alt and Meta. */
  modified: boolean
  repeat: boolean
}

export type ComposeEvent =
  | { type: 'start' }
  | { type: 'update'; data: string }
  | { type: 'end'; data: string }
  | ({ type: 'key' } & Key)
  /** The browser is about to break the line without a key that said so. */
  | { type: 'linebreak' }
  /** The browser is done with what it was doing when it was asked to `defer`. */
  | { type: 'settled' }

/**
 * `submit`: do it now and keep the browser from acting. `block`: only keep it from acting.
 * `defer`: ask again with `settled` once the browser has finished this event.
 */
export type Effect = 'none' | 'submit' | 'block' | 'defer'

const hangulOnly = /^[\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7a3\ud7b0-\ud7ff\s]+$/

export function step(state: Compose, event: ComposeEvent): [Compose, Effect] {
  switch (event.type) {
    case 'start':
      return [{ composing: true, hangul: false, owed: false, justEnded: false }, 'none']
    case 'update':
      return [{ ...state, hangul: hangulOnly.test(event.data) }, 'none']
    case 'end': {
      // A candidate chosen with Enter (Hanja, Kana) is not Hangul in the end and submits nothing.
      const hangul = state.hangul && hangulOnly.test(event.data)
      const owed = state.owed && hangul
      return [{ composing: false, hangul: false, owed, justEnded: hangul }, owed ? 'defer' : 'none']
    }
    case 'linebreak':
      return state.owed ? [idle, 'submit'] : [state, 'none']
    case 'settled':
      return state.owed && !state.composing ? [idle, 'submit'] : [state, 'none']
    case 'key':
      return pressed(state, event)
  }
}

function pressed(state: Compose, key: Key): [Compose, Effect] {
  const enter = key.key === 'Enter' && !key.shift && !key.modified
  if (key.isComposing || key.keyCode === 229) {
    if (!enter || key.repeat) return [{ ...state, owed: false, justEnded: false }, 'none']
    if (state.composing) return [{ ...state, owed: state.hangul }, 'none']
    if (state.justEnded) return [{ ...idle, owed: true }, 'defer']
    return [state, 'none']
  }
  if (!enter) return [{ ...state, owed: false, justEnded: false }, 'none']
  return [{ ...state, owed: false, justEnded: false }, key.repeat ? 'block' : 'submit']
}
