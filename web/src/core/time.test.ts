import { expect, it, vi } from 'vitest'
import { brief, clock, day, dayAndClock, dayKey, nextMidnight } from './time'

const seoul = 'Asia/Seoul'
const now = new Date('2026-11-22T09:00:00Z')

it('writes a date as Koreans do', () => {
  expect(dayAndClock('2026-10-07T06:05:00Z', 'ko', now, seoul)).toBe('10월 7일 (수) 오후 3:05')
  expect(dayAndClock('2026-10-07T06:05:00Z', 'en', now, seoul)).toBe('Wed, Oct 7 3:05 PM')
})

it('names another year', () => {
  expect(day('2025-12-31T20:00:00Z', 'ko', now, seoul)).toBe('1월 1일 (목)')
  expect(day('2025-12-31T10:00:00Z', 'ko', now, seoul)).toBe('2025년 12월 31일 (수)')
})

it('knows midnight and noon', () => {
  expect(clock('2026-10-06T15:00:00Z', 'ko', seoul)).toBe('오전 12:00')
  expect(clock('2026-10-07T03:00:00Z', 'ko', seoul)).toBe('오후 12:00')
})

it('parts days at local midnight', () => {
  expect(dayKey('2026-10-06T14:59:59Z', seoul)).toBe('2026-10-06')
  expect(dayKey('2026-10-06T15:00:00Z', seoul)).toBe('2026-10-07')
})

it('is brief in lists', () => {
  expect(brief('2026-11-22T06:00:00Z', 'ko', now, seoul)).toBe('오후 3:00')
  expect(brief('2026-11-20T06:00:00Z', 'ko', now, seoul)).toBe('11월 20일')
  expect(brief('2024-11-20T06:00:00Z', 'ko', now, seoul)).toBe('2024. 11. 20.')
})

it('says the same of the own zone as of that zone by its name', () => {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone
  for (let at = Date.UTC(2026, 0, 1); at < Date.UTC(2027, 0, 2); at += 7 * 3_571_111) {
    const text = new Date(at).toISOString()
    expect(dayKey(text)).toBe(dayKey(text, own))
    expect(clock(text, 'ko')).toBe(clock(text, 'ko', own))
    expect(day(text, 'ko', now)).toBe(day(text, 'ko', now, own))
  }
})

it('asks nobody for the own zone: a day key costs microseconds', () => {
  const parts = vi.spyOn(Intl.DateTimeFormat.prototype, 'formatToParts')
  dayKey('2026-10-07T06:05:00Z')
  expect(parts).not.toHaveBeenCalled()
})

it('knows when the day ends', () => {
  const midnight = nextMidnight(new Date(2026, 10, 30, 23, 59))
  expect(midnight).toEqual(new Date(2026, 11, 1))
})
