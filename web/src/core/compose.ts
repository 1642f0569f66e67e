/**
 * Enter and the input method, as a machine without a browser and without a clock.
 *
 * One press of Enter means one submit, whichever of these a browser does: tell of the Enter only
 * while the syllable is still open, tell of it twice (once open, once clean, however long between),
 * call it "Process" and name only the key's place, or close the syllable first and mark the Enter
 * with key code 229 (Safari).
 */

export interface Compose {
  composing: boolean
  /** What the open composition holds: Korean commits and submits with one Enter, others do not. */
  hangul: boolean
  /** The Enter that was left to the input method and that nothing has answered yet, by its place. */
  owed: string | null
  /** A Hangul composition ended and no key has come since. */
  ended: boolean
  /** The Enter that was answered and is not let go yet: told of again, it says nothing new. */
  paid: string | null
}

export const idle: Compose = {
  composing: false,
  hangul: false,
  owed: null,
  ended: false,
  paid: null,
}

export interface Key {
  key: string
  /** The key's place on the keyboard; empty where the browser does not know it. */
  code: string
  keyCode: number
  isComposing: boolean
  shift: boolean
  alt: boolean
  repeat: boolean
}

export type ComposeEvent =
  | { type: 'start' }
  | { type: 'update'; data: string }
  | { type: 'end'; data: string }
  | ({ type: 'key' } & Key)
  | { type: 'up'; key: string; code: string }
  /** The browser is about to break the line, with or without a key that said so. */
  | { type: 'linebreak' }
  /** The browser is done with the event in which it was asked to `defer`. */
  | { type: 'settled' }
  /** The focus went elsewhere, and keys with it. */
  | { type: 'blur' }

/**
 * `submit`: do it now and keep the browser from acting. `flush`: do it now, the key itself goes on.
 * `block`: only keep the browser from acting. `defer`: say `settled` when this event is over.
 */
export type Effect = 'none' | 'submit' | 'flush' | 'block' | 'defer'

const hangulOnly = /^[\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7a3\ud7b0-\ud7ff\s]+$/

export function step(state: Compose, event: ComposeEvent): [Compose, Effect] {
  switch (event.type) {
    case 'start': {
      const begun = { ...idle, composing: true, paid: state.paid }
      return isDue(state) ? [{ ...begun, paid: state.owed }, 'flush'] : [begun, 'none']
    }
    case 'update':
      return [{ ...state, hangul: hangulOnly.test(event.data) }, 'none']
    case 'end': {
      // A candidate chosen with Enter (Hanja, Kana) is not Hangul in the end and submits nothing.
      const hangul = state.hangul && hangulOnly.test(event.data)
      const owed = hangul ? state.owed : null
      const next = { ...state, composing: false, hangul: false, owed, ended: hangul }
      return [next, owed === null ? 'none' : 'defer']
    }
    case 'linebreak':
      if (state.owed !== null) return [{ ...idle, paid: state.owed }, 'submit']
      return [state, state.paid === null ? 'none' : 'block']
    case 'settled':
      return isDue(state) ? [{ ...idle, paid: state.owed }, 'flush'] : [state, 'none']
    case 'up': {
      if (!isEnter(event)) return [state, 'none']
      const next = { ...state, paid: null }
      return isDue(state) ? [{ ...next, owed: null, ended: false }, 'flush'] : [next, 'none']
    }
    case 'key':
      return pressed(state, event)
    case 'blur':
      return [idle, 'none']
  }
}

/** The text is whole, and an Enter waits to be answered. */
function isDue(state: Compose): boolean {
  return state.owed !== null && !state.composing
}

function isEnter({ key, code }: { key: string; code: string }): boolean {
  return key === 'Enter' || code === 'Enter' || code === 'NumpadEnter'
}

function pressed(state: Compose, key: Key): [Compose, Effect] {
  const place = key.code === '' ? 'Enter' : key.code
  const enter = isEnter(key) && !key.shift && !key.alt
  const own = key.isComposing || key.keyCode === 229
  if (!enter || (own && key.repeat)) {
    // Another key: what was owed is due before it, and nothing is held down any more.
    const next = { ...state, owed: null, ended: false, paid: enter ? state.paid : null }
    return [next, isDue(state) ? 'flush' : 'none']
  }
  if (state.paid === place) return [{ ...state, paid: own ? place : null }, own ? 'none' : 'block']
  if (!own) {
    if (key.repeat) return [{ ...state, owed: null, ended: false }, 'block']
    // The same press told again before its first telling was answered, or an Enter of its own.
    return [{ ...idle, paid: state.owed }, 'submit']
  }
  if (state.composing) return [{ ...state, owed: state.hangul ? place : null }, 'none']
  return state.ended ? [{ ...idle, paid: place }, 'submit'] : [state, 'none']
}
