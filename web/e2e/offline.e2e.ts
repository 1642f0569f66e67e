/** Without a network: the app opens with what was read last, and what was written goes out later. */
import { expect, it } from 'vitest'
import type { Person } from './browser'
import { stage } from './stage'

const on = stage()

/** The worker keeps the shell, and the room is kept beside it. */
async function settled({ page }: Person): Promise<void> {
  const begun = () =>
    page.evaluate(async () => {
      const registration = await navigator.serviceWorker.getRegistration()
      const databases = await indexedDB.databases()
      const kept = databases.some(({ name }) => name === 'maru')
      return registration?.active?.state === 'activated' && kept
    })
  await expect.poll(begun).toBe(true)
  // What is known is written after a moment of quiet.
  await page.evaluate(
    () =>
      new Promise((done) => {
        const look = () => {
          const open = indexedDB.open('maru')
          open.onsuccess = () => {
            const all = open.result.transaction('kept').objectStore('kept').getAll()
            all.onsuccess = () => {
              open.result.close()
              if (JSON.stringify(all.result).includes('마지막 글')) done(0)
              else setTimeout(look, 100)
            }
          }
        }
        look()
      }),
  )
}

const left = ({ page }: Person) =>
  page.evaluate(async () => ({
    local: Object.keys(localStorage),
    session: Object.keys(sessionStorage),
    databases: (await indexedDB.databases()).map(({ name }) => name),
  }))

it('opens offline with rooms, messages and drafts; what is sent goes out on return', async () => {
  const kim = await on.person('철수', true)
  const room = await kim.caller.room(`마당 ${kim.caller.username}`)
  await kim.caller.post(room, '마지막 글')
  await kim.open(room)
  await settled(kim)
  await kim.box.fill('쓰다 만 글')
  const context = kim.page.context()
  await context.setOffline(true)
  await kim.page.reload()
  await kim.message('마지막 글').waitFor()
  await expect.poll(() => kim.box.inputValue()).toBe('쓰다 만 글')
  await kim.box.press('Enter')
  await kim.page.locator('.room .message-pending').waitFor()
  await context.setOffline(false)
  await expect.poll(() => kim.caller.texts(room)).toEqual(['마지막 글', '쓰다 만 글'])
  await kim.reads(['마지막 글', '쓰다 만 글'])
})

it('signs out offline, leaves nothing behind, and the server hears of it later', async () => {
  const kim = await on.person('철수', true)
  const room = await kim.caller.room(`안채 ${kim.caller.username}`)
  await kim.caller.post(room, '마지막 글')
  await kim.open(room)
  await settled(kim)
  await kim.box.fill('남으면 안 되는 글')
  const { page } = kim
  await page.goto(`${on.maru.url}/settings/sessions`)
  const button = page.getByRole('button', { name: '로그아웃', exact: true })
  await button.first().waitFor()
  const context = page.context()
  await context.setOffline(true)
  await button.first().click()
  await page.getByRole('dialog').getByRole('button', { name: '로그아웃' }).click()
  await page.getByText('서버에는 연결되는 대로').waitFor()
  await expect
    .poll(() => left(kim))
    .toEqual({ local: ['maru.leaving'], session: [], databases: [] })
  await context.setOffline(false)
  await expect.poll(() => left(kim)).toEqual({ local: [], session: [], databases: [] })
  await page.reload()
  await page.locator('input[name=password]').waitFor()
})

it('no page asks for what the policy refuses, and the server counts none', async () => {
  const kim = await on.person('철수', true)
  const room = await kim.caller.room(`뒤뜰 ${kim.caller.username}`)
  await kim.open(room)
  const active = () =>
    kim.page.evaluate(async () =>
      Boolean((await navigator.serviceWorker.getRegistration())?.active),
    )
  await expect.poll(active).toBe(true)
  const refused = await kim.page.evaluate(() => {
    const factory = (
      window as unknown as { trustedTypes: { createPolicy: (name: string, rules: object) => void } }
    ).trustedTypes
    try {
      // Its name is taken: by the app, once.
      factory.createPolicy('maru', {})
      return false
    } catch {
      return true
    }
  })
  expect(refused).toBe(true)
  // That one was on purpose.
  kim.problems.length = 0
})
