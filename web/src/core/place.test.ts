import { describe, expect, it } from 'vitest'
import { me, message } from './fixtures'
import { atEnd, leftUnread, placed, readUpTo, type Place, type PlaceEvent } from './place'

const run = (place: Place, ...events: PlaceEvent[]) => events.reduce(placed, place)
const opened = (unread: number): PlaceEvent => ({ type: 'opened', read: 7, unread })

describe('the unread line', () => {
  it('stands where reading stopped, and nowhere when all was read', () => {
    expect(run(atEnd, opened(3)).line).toBe(7)
    expect(run(atEnd, opened(0)).line).toBeNull()
  })

  it('is gone when one comes back and has read all, and moves when more came', () => {
    const visit = run(atEnd, opened(3), { type: 'left', anchor: null })
    expect(run(visit, opened(0)).line).toBeNull()
    expect(run(visit, { type: 'opened', read: 12, unread: 1 }).line).toBe(12)
  })

  it('goes when one writes, or reads elsewhere', () => {
    expect(run(atEnd, opened(3), { type: 'wrote' }).line).toBeNull()
    expect(run(atEnd, opened(3), { type: 'read_elsewhere' }).line).toBeNull()
  })

  it('stands before the first message that came unseen', () => {
    expect(run(atEnd, opened(0), { type: 'news', after: 9 }).line).toBe(9)
  })
})

describe('following', () => {
  it('ends and begins by scrolling, and begins by writing', () => {
    const up = run(atEnd, { type: 'scrolled', atEnd: false })
    expect(up.follow).toBe(false)
    expect(run(up, { type: 'scrolled', atEnd: true }).follow).toBe(true)
    expect(run(up, { type: 'wrote' }).follow).toBe(true)
  })

  it('changes nothing when nothing changed', () => {
    expect(placed(atEnd, { type: 'scrolled', atEnd: true })).toBe(atEnd)
    expect(placed(atEnd, { type: 'read_elsewhere' })).toBe(atEnd)
  })

  it('leaves a place to come back to only where it is not the end', () => {
    const left: PlaceEvent = { type: 'left', anchor: { id: 5, top: -3 } }
    expect(run(atEnd, left).anchor).toBeNull()
    const up = run(atEnd, { type: 'scrolled', atEnd: false }, left)
    expect(up.anchor).toEqual({ id: 5, top: -3 })
    expect(run(up, { type: 'jumped', toEnd: true }).anchor).toBeNull()
  })
})

describe('reading', () => {
  const sight = { bottom: 20, atEnd: false, awake: true }

  it('moves with what was seen, forward only', () => {
    expect(readUpTo(atEnd, sight, 7, 30)).toBe(20)
    expect(readUpTo(atEnd, sight, 20, 30)).toBeUndefined()
    expect(readUpTo(atEnd, { ...sight, bottom: undefined }, 7, 30)).toBeUndefined()
    expect(readUpTo(atEnd, { ...sight, atEnd: true }, 7, 30)).toBe(30)
  })

  it('does not move while nobody looks, nor after setting back to unread', () => {
    expect(readUpTo(atEnd, { ...sight, awake: false }, 7, 30)).toBeUndefined()
    const held = run(atEnd, { type: 'marked_unread', after: 4 })
    expect(held.line).toBe(4)
    expect(readUpTo(held, sight, 4, 30)).toBeUndefined()
    expect(readUpTo(run(held, opened(3)), sight, 4, 30)).toBe(20)
  })

  it('counts down what was seen, as far as the window tells', () => {
    const counts = (m: { author: { id: number } }) => m.author.id !== me.id
    const messages = [message(7), message(8), message(9, { author: me }), message(10), message(11)]
    const known = { messages, moreBefore: true, moreAfter: true }
    expect(leftUnread(100, 7, 10, known, counts)).toBe(98)
    expect(leftUnread(100, 5, 10, known, counts)).toBeUndefined()
    expect(leftUnread(100, 5, 10, { ...known, moreBefore: false }, counts)).toBe(97)
    expect(leftUnread(100, 7, 12, known, counts)).toBeUndefined()
    expect(leftUnread(1, 7, 10, known, counts)).toBe(0)
    // To the end of everything it counts what is left.
    const whole = { ...known, moreAfter: false }
    expect(leftUnread(100, 5, 8, whole, counts)).toBe(2)
    expect(leftUnread(1, 5, 8, whole, counts)).toBe(1)
    expect(leftUnread(100, 5, 6, whole, counts)).toBeUndefined()
  })
})
