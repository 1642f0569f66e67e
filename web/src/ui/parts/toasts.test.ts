import { expect, it } from 'vitest'
import { dismiss, toast, toasts } from './toasts'

it('the newest three are shown, and each goes once', () => {
  let told = 0
  toasts.subscribe(() => told++)
  const ids = ['a', 'b', 'c', 'd'].map((text) => toast({ text }))
  expect(toasts.value().map(({ text }) => text)).toEqual(['b', 'c', 'd'])
  dismiss(ids[3] ?? 0)
  dismiss(ids[3] ?? 0)
  dismiss(ids[0] ?? 0)
  expect(toasts.value().map(({ text }) => text)).toEqual(['b', 'c'])
  expect(told).toBe(5)
})
