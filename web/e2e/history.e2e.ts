import { expect, it } from 'vitest'
import type { Person } from './browser'
import { stage } from './stage'

const on = stage()
const COUNT = 240

async function history(): Promise<[Person, number, number[]]> {
  const kim = await on.person('철수')
  const room = await kim.caller.room(`긴 이야기 ${kim.caller.id}`)
  const ids: number[] = []
  for (let n = 0; n < COUNT; n++) ids.push(await kim.caller.post(room, `${n}번째 글`))
  return [kim, room, ids]
}

const firstShown = (person: Person) => person.page.locator('.message .text').first().innerText()

it('scrolling up reads everything, without a jump', async () => {
  const [kim, room] = await history()
  await kim.open(room)
  await kim.message(`${COUNT - 1}번째 글`).waitFor()
  const timeline = kim.page.locator('.timeline')
  let loads = 0
  const read = new Set(await kim.texts())
  for (let first = await firstShown(kim); first !== '0번째 글'; first = await firstShown(kim)) {
    await timeline.evaluate((box) => (box.scrollTop = 300))
    // What one reads stays where it is when older messages come above it.
    const [held, before] = await timeline.evaluate((box) => {
      const edge = box.getBoundingClientRect().top
      const shown = [...box.querySelectorAll<HTMLElement>('[data-id]')]
      const item = shown.find((m) => m.getBoundingClientRect().top >= edge)
      return [item?.dataset.id ?? '', item?.getBoundingClientRect().top ?? 0] as const
    })
    await expect.poll(() => firstShown(kim)).not.toBe(first)
    const after = await kim.page.locator(`[data-id="${held}"]`).boundingBox()
    expect(Math.abs((after?.y ?? -1e9) - before)).toBeLessThan(2)
    loads += 1
    for (const text of await kim.texts()) read.add(text)
  }
  expect(loads).toBeGreaterThan(2)
  expect(read.size).toBe(COUNT)
  // The window is bounded, and without holes.
  const texts = await kim.texts()
  expect(texts.length).toBeLessThan(COUNT)
  expect(texts).toEqual(texts.map((_, n) => `${n}번째 글`))
})

it('a link to a message shows it, and both directions load from there', async () => {
  const [kim, room, ids] = await history()
  await kim.open(room, ids[100])
  const target = kim.page.locator('.message[data-targeted=true]')
  await target.waitFor()
  await expect.poll(() => target.evaluate(inView)).toBe(true)
  await expect.poll(() => target.innerText()).toContain('100번째 글')
  const first = await firstShown(kim)
  await kim.page.locator('.timeline').evaluate((box) => (box.scrollTop = 0))
  await expect.poll(() => firstShown(kim)).not.toBe(first)
  await kim.page.getByRole('button', { name: '맨 아래로' }).click()
  await expect.poll(() => kim.message(`${COUNT - 1}번째 글`).evaluate(inView)).toBe(true)
  const numbers = (await kim.texts()).map((text) => parseInt(text))
  expect(numbers).toEqual(numbers.map((_, n) => (numbers[0] ?? 0) + n))
})

function inView(element: Element): boolean {
  const box = element.closest('.timeline')?.getBoundingClientRect()
  const { top, bottom } = element.getBoundingClientRect()
  return box !== undefined && top >= box.top - 1 && bottom <= box.bottom + 1
}
