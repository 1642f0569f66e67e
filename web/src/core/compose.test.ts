import { describe, expect, it } from 'vitest'
import { idle, step, type ComposeEvent } from './compose'

const enter = {
  type: 'key',
  key: 'Enter',
  code: 'Enter',
  shift: false,
  alt: false,
  repeat: false,
} as const
const owned: ComposeEvent = { ...enter, keyCode: 229, isComposing: true }
const clean: ComposeEvent = { ...enter, keyCode: 13, isComposing: false }
const safari: ComposeEvent = { ...enter, keyCode: 229, isComposing: false }
/** Windows names the input method instead of the key. */
const processed: ComposeEvent = { ...owned, key: 'Process' }
const letter: ComposeEvent = { ...owned, key: 'Process', code: 'KeyR' }
const start: ComposeEvent = { type: 'start' }
const up: ComposeEvent = { type: 'up', key: 'Enter', code: 'Enter' }
const update = (data: string): ComposeEvent => ({ type: 'update', data })
const end = (data: string): ComposeEvent => ({ type: 'end', data })
/** Time passes; what was deferred has long settled. */
const pause = 'pause' as const

/** Runs the events as a browser would: what is deferred settles before the next event. */
function submits(...events: (ComposeEvent | typeof pause)[]): { count: number; broke: boolean } {
  const run = { state: idle, count: 0, broke: false }
  const feed = (event: ComposeEvent) => {
    const [next, effect] = step(run.state, event)
    run.state = next
    if (effect === 'submit' || effect === 'flush') run.count += 1
    if (event.type === 'linebreak' && effect === 'none') run.broke = true
    if (effect === 'defer') feed({ type: 'settled' })
  }
  for (const event of events) if (event !== pause) feed(event)
  return run
}

const open = [start, letter, update('트')]

describe('one Enter is one submit', () => {
  it.each<[string, (ComposeEvent | typeof pause)[], number]>([
    ['nothing is composed', [clean, up], 1],
    ['the input method keeps the Enter', [...open, owned, end('트'), up], 1],
    ['the Enter comes owned, then clean', [...open, owned, end('트'), clean, up], 1],
    ['… and the clean one late', [...open, owned, end('트'), pause, clean, up], 1],
    ['… and it is let go before the syllable ends', [...open, owned, up, end('트')], 1],
    ['Safari: the composition ends before the Enter', [...open, end('트'), safari, up], 1],
    ['Safari, and the Enter told again', [...open, end('트'), safari, clean, up], 1],
    ['composition over, then a clean Enter', [...open, end('트'), clean, up], 1],
    ['a line break answers the owned Enter', [...open, owned, { type: 'linebreak' }], 1],
    ['Windows: only the place says Enter', [...open, processed, end('트'), up], 1],
    ['Windows, and a clean one behind it', [...open, processed, end('트'), clean, up], 1],
    ['Enter on the number pad', [...open, { ...owned, code: 'NumpadEnter' }, end('트')], 1],
    ['Japanese: Enter takes the candidate', [start, letter, update('か'), owned, end('か'), up], 0],
    ['Japanese in Safari', [start, letter, update('か'), end('か'), safari, up], 0],
    ['Hanja chosen with Enter', [start, letter, update('한'), owned, end('韓'), up], 0],
    ['Enter ignored, then typing goes on', [...open, owned, letter, end('트')], 0],
    ['composition cancelled', [...open, owned, end('')], 0],
    ['Shift+Enter while composing', [...open, { ...owned, shift: true }, end('트')], 0],
    ['Shift+Enter', [{ ...clean, shift: true }], 0],
    ['a held Enter', [clean, { ...clean, repeat: true }, { ...clean, repeat: true }, up], 1],
    ['a line break of its own', [{ type: 'linebreak' }], 0],
  ])('%s', (_, events, count) => {
    expect(submits(...events).count).toBe(count)
  })

  it('two presses are two, one behind the other', () => {
    expect(submits(...open, owned, end('트'), clean, up, clean, up).count).toBe(2)
    expect(submits(...open, owned, end('트'), up, ...open, owned, end('트'), up).count).toBe(2)
  })

  it('what is typed right behind an Enter is the next message', () => {
    // Before the browser has come to rest, the next syllable begins.
    const events = [start, update('가'), owned, end('가'), letter, start, update('나')]
    const seen: string[] = []
    events.reduce((state, event) => {
      const [next, effect] = step(state, event)
      seen.push(effect)
      return next
    }, idle)
    expect(seen).toEqual(['none', 'none', 'none', 'defer', 'flush', 'none', 'none'])
  })

  it('a key that goes up elsewhere holds nothing back', () => {
    expect(submits(...open, owned, end('트'), { type: 'blur' }, clean).count).toBe(2)
    expect(submits(...open, owned, end('트'), letter, clean).count).toBe(2)
  })

  it('the second telling of an answered Enter breaks no line', () => {
    expect(submits(...open, owned, end('트'), { type: 'linebreak' }, up).broke).toBe(false)
  })
})

it('a held Enter never breaks the line', () => {
  expect(step(idle, { ...clean, repeat: true })[1]).toBe('block')
})

/**
 * What browsers and input methods were seen to send for `가` and one Enter, in their own order.
 */
const recorded: Record<string, ComposeEvent[]> = {
  'Chrome, macOS 2-set': [
    { ...letter, key: 'ㄱ', isComposing: false },
    start,
    update('ㄱ'),
    { ...letter, key: 'ㅏ', code: 'KeyK' },
    update('가'),
    owned,
    update('가'),
    end('가'),
    clean,
    up,
  ],
  'Chrome, Windows': [
    { ...letter, isComposing: false },
    start,
    update('ㄱ'),
    letter,
    update('가'),
    processed,
    end('가'),
    clean,
    up,
  ],
  'Chrome, ibus': [start, update('ㄱ'), update('가'), owned, end('가'), up],
  'Firefox, Windows': [
    { ...letter, isComposing: false },
    start,
    update('ㄱ'),
    letter,
    update('가'),
    processed,
    end('가'),
    { type: 'up', key: 'Process', code: 'Enter' },
  ],
  'Safari, macOS': [
    start,
    update('ㄱ'),
    { ...letter, key: 'ㄱ' },
    update('가'),
    { ...letter, key: 'ㅏ' },
    end('가'),
    safari,
    up,
  ],
}

it.each(Object.entries(recorded))('%s: one message', (_, events) => {
  expect(submits(...events).count).toBe(1)
  expect(submits(...events, ...events).count).toBe(2)
})
