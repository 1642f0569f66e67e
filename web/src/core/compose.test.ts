import { describe, expect, it } from 'vitest'
import { idle, step, type ComposeEvent } from './compose'

const enter = { type: 'key', key: 'Enter', shift: false, modified: false, repeat: false } as const
const owned: ComposeEvent = { ...enter, keyCode: 229, isComposing: true }
const clean: ComposeEvent = { ...enter, keyCode: 13, isComposing: false }
const safari: ComposeEvent = { ...enter, keyCode: 229, isComposing: false }
const letter: ComposeEvent = { ...owned, key: 'Process' }
const start: ComposeEvent = { type: 'start' }
const update = (data: string): ComposeEvent => ({ type: 'update', data })
const end = (data: string): ComposeEvent => ({ type: 'end', data })

/** Runs the events as a browser would; a clean keydown of the same press comes before a new task. */
function submits(...events: ComposeEvent[]): number {
  const run = { state: idle, count: 0, settling: false }
  const feed = (event: ComposeEvent) => {
    const [next, effect] = step(run.state, event)
    run.state = next
    if (effect === 'submit') run.count += 1
    if (effect === 'defer') run.settling = true
  }
  events.forEach((event, index) => {
    feed(event)
    if (!run.settling || events[index + 1] === clean) return
    run.settling = false
    feed({ type: 'settled' })
  })
  return run.count
}

describe('one Enter is one submit', () => {
  const open = [start, letter, update('트')]
  it.each<[string, ComposeEvent[], number]>([
    ['nothing is composed', [clean], 1],
    ['the input method keeps the Enter', [...open, owned, end('트')], 1],
    ['the Enter comes owned, then clean', [...open, owned, end('트'), clean], 1],
    ['Safari: the composition ends before the Enter', [...open, end('트'), safari], 1],
    ['composition over, then a clean Enter', [...open, end('트'), clean], 1],
    ['a line break answers the owned Enter', [...open, owned, { type: 'linebreak' }], 1],
    ['Japanese: Enter takes the candidate', [start, letter, update('か'), owned, end('か')], 0],
    ['Japanese in Safari', [start, letter, update('か'), end('か'), safari], 0],
    ['Hanja chosen with Enter', [start, letter, update('한'), owned, end('韓')], 0],
    ['Enter ignored, then typing goes on', [...open, owned, letter, end('트')], 0],
    ['composition cancelled', [...open, owned, end('')], 0],
    ['Shift+Enter while composing', [...open, { ...owned, shift: true }, end('트')], 0],
    ['Shift+Enter', [{ ...clean, shift: true }], 0],
    ['Ctrl+Enter', [{ ...clean, modified: true }], 0],
    ['a held Enter', [clean, { ...clean, repeat: true }, { ...clean, repeat: true }], 1],
    ['a line break of its own', [{ type: 'linebreak' }], 0],
  ])('%s', (_, events, count) => {
    expect(submits(...events)).toBe(count)
  })
})

it('a clean Enter that comes late submits again: an empty box by then', () => {
  const seen: string[] = []
  const events = [start, update('요'), owned, end('요'), { type: 'settled' } as const, clean]
  events.reduce((state, event) => {
    const [next, effect] = step(state, event)
    seen.push(effect)
    return next
  }, idle)
  expect(seen).toEqual(['none', 'none', 'none', 'defer', 'submit', 'submit'])
})

it('a held Enter never breaks the line', () => {
  expect(step(idle, { ...clean, repeat: true })[1]).toBe('block')
})
