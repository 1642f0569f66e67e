import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { waking } from './waking'

const parts = {
  window: new EventTarget(),
  document: new EventTarget(),
  connection: new EventTarget(),
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('window', parts.window)
  vi.stubGlobal('document', parts.document)
  vi.stubGlobal('navigator', { connection: parts.connection })
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

it('tells of whatever may have come with a dead connection, until it is ended', () => {
  const told = vi.fn<() => void>()
  const end = waking(told)
  const all = () => {
    for (const name of ['online', 'focus', 'pageshow']) parts.window.dispatchEvent(new Event(name))
    for (const name of ['visibilitychange', 'resume']) parts.document.dispatchEvent(new Event(name))
    parts.connection.dispatchEvent(new Event('change'))
  }
  all()
  expect(told).toHaveBeenCalledTimes(6)
  end()
  all()
  expect(told).toHaveBeenCalledTimes(6)
})

it('notices a clock that has jumped, and none that ticks', () => {
  const told = vi.fn<() => void>()
  const end = waking(told)
  vi.advanceTimersByTime(60_000)
  expect(told).not.toHaveBeenCalled()
  vi.setSystemTime(Date.now() + 3_600_000)
  vi.advanceTimersByTime(5_000)
  expect(told).toHaveBeenCalledTimes(1)
  end()
})

it('does without what a browser has not', () => {
  vi.stubGlobal('navigator', {})
  waking(() => undefined)()
})
