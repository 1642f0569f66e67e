import { expect, it } from 'vitest'
import { bytes, duration, growth, kept, KEPT, line, type Stats } from './figures'

const stats = (uptime_s: number): Stats => ({
  version: '1',
  uptime_s,
  connections: 1,
  users_online: 1,
  commands_per_s: 0,
  messages_in: 0,
  messages_out: 0,
  bytes_out: 0,
  log_bytes: 0,
  memory_bytes: 0,
  policy_reports: 0,
  trouble: null,
})

it('keeps two minutes, and nothing of a server before it began anew', () => {
  let all: Stats[] = []
  for (let n = 0; n < KEPT + 5; n++) all = kept(all, stats(n))
  expect(all).toHaveLength(KEPT)
  expect(kept(all, stats(1))).toHaveLength(1)
})

it('counts become rates; a restart is no negative one', () => {
  expect(growth([5, 8, 8, 2])).toEqual([3, 0, 0])
  expect(growth([])).toEqual([])
})

it('the line ends at the right edge and stays in its box', () => {
  expect(line([0, 10], 3)).toBe('M50 23L100 1')
  expect(line([0, 0], 2)).toBe('M0 23L100 23')
  expect(line([])).toBe('')
})

it('sizes and times read as people say them', () => {
  expect(bytes(999, 'en')).toBe('999 B')
  expect(bytes(1_540_000, 'en')).toBe('1.5 MB')
  expect(bytes(48_000_000, 'ko')).toBe('48 MB')
  expect(duration(90_061, 'en')).toBe('1 day 1 hour')
  expect(duration(59, 'ko')).toBe('59초')
})
