/** A team moves in: from the first account to signing out, by keys alone. Nothing is clicked. */
import type { Browser, Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { launch } from './browser'
import { Maru } from './maru'

interface Words {
  newRoom: string
  invite: string
  language: string
  other: string
  otherSearch: string
  drafts: string
  signOut: string
  signIn: string
}

const ko: Words = {
  newRoom: '방 만들기',
  invite: '초대',
  language: 'English',
  other: 'en',
  otherSearch: 'Search messages',
  drafts: '쓰던 글',
  signOut: '로그아웃',
  signIn: '로그인',
}
const en: Words = {
  newRoom: 'new room',
  invite: 'invite',
  language: 'Korean',
  other: 'ko',
  otherSearch: '글 찾기',
  drafts: 'drafts',
  signOut: 'sign out',
  signIn: 'Sign in',
}

/** Somebody with a keyboard and no pointer. */
class Keys {
  readonly problems: string[] = []

  constructor(readonly page: Page) {
    page.on('pageerror', (error) => this.problems.push(error.message))
  }

  static async sit(browser: Browser, locale: string, width: number, dark: boolean) {
    const context = await browser.newContext({
      serviceWorkers: 'block',
      locale,
      timezoneId: 'Asia/Seoul',
      colorScheme: dark ? 'dark' : 'light',
      viewport: { width, height: width < 500 ? 844 : 900 },
    })
    context.setDefaultTimeout(20_000)
    return new Keys(await context.newPage())
  }

  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key)
  }

  async type(text: string): Promise<void> {
    await this.page.keyboard.type(text)
  }

  /** The focus comes there by itself. */
  async at(selector: string): Promise<void> {
    await expect
      .poll(() => this.page.evaluate((s) => document.activeElement?.matches(s), selector))
      .toBe(true)
  }

  /** Ctrl-K, what one looks for, Enter. */
  async go(to: string): Promise<void> {
    await this.press('Control+KeyK')
    await this.at('.switcher-head input')
    await this.type(to)
    await this.page.locator('.switcher-item[aria-selected=true]').waitFor()
    await expect
      .poll(async () =>
        (await this.page.locator('.switcher-item').first().textContent())?.toLowerCase(),
      )
      .toContain(to.toLowerCase())
    await this.press('Enter')
    await this.page.locator('.switcher-head').waitFor({ state: 'detached' })
  }

  async signUp(link: string, username: string, name: string): Promise<void> {
    await this.page.goto(link)
    await this.at('input[name=username]')
    await this.type(username)
    await this.press('Tab')
    await this.type(name)
    await this.press('Tab')
    // What is known to be wrong is said where it is, and nobody is asked.
    await this.type('short')
    await this.press('Enter')
    await this.page.locator('.field-problem').waitFor()
    await this.at('input[name=password]')
    await this.press('Control+KeyA')
    await this.type('a long password 42')
    await this.press('Enter')
    await this.page.locator('.sidebar').waitFor({ state: 'attached' })
  }

  async makeRoom(act: string, name: string): Promise<void> {
    await this.go(act)
    await this.at('dialog input[name=name]')
    await this.type(name)
    await this.press('Enter')
    await this.at('.room .composer textarea')
  }

  said(text: string) {
    return this.page.locator('.room .message:not(.message-pending)', { hasText: text })
  }
}

for (const [locale, width, dark, w] of [
  ['ko-KR', 1440, false, ko],
  ['en-US', 390, true, en],
] as const) {
  it(`by keys alone: ${locale}, ${width} px`, { timeout: 120_000 }, async () => {
    const maru = await Maru.start()
    const browser = await launch()
    try {
      // Monday: the house is opened, the first room made, somebody invited.
      const host = await Keys.sit(browser, locale, width, dark)
      await host.signUp(maru.setupLink ?? '', 'host', 'Host')
      await host.makeRoom(w.newRoom, 'madang')
      await host.type('first words')
      await host.press('Enter')
      await host.said('first words').waitFor()
      await host.go(w.invite)
      await host.at('dialog input[type=radio]')
      await host.press('Enter')
      await host.at('#invite-link')
      const link = await host.page.evaluate(
        () => (document.activeElement as HTMLInputElement).value,
      )
      await host.press('Escape')
      await host.at('.room .composer textarea')

      // Who comes is in the room where everybody is, and writes.
      const guest = await Keys.sit(browser, locale, width, dark)
      await guest.signUp(link, 'guest', 'Guest')
      await guest.go('madang')
      await guest.at('.room .composer textarea')
      await guest.type('hello @ho')
      await guest.page
        .locator('.suggestions [role=option], [role=listbox] [role=option]')
        .first()
        .waitFor()
      await guest.press('Enter')
      await guest.type('how are you')
      await guest.press('Enter')
      await guest.said('how are you').waitFor()

      // Tuesday: reacted to, answered, kept, taken away and brought back.
      await host.said('how are you').waitFor()
      await host.press('Shift+Tab')
      await host.at('.message')
      await host.press('KeyR')
      await host.at('.picker button')
      await host.press('ArrowRight', 'Enter')
      await host.page.locator('.room .reaction[aria-pressed=true]').waitFor()
      await host.at('.message')
      await host.press('KeyT')
      await host.at('.panel .composer textarea')
      await host.type('fine')
      await host.press('Enter')
      await host.page.locator('.panel .message', { hasText: 'fine' }).waitFor()
      await host.press('Escape')
      await host.at('.room .message')
      await host.press('KeyA')
      await host.page.locator('.toast').first().waitFor()
      await host.press('KeyP')
      await host.page.locator('.room .message-pinned').waitFor()
      await host.press('Home')
      await expect
        .poll(() => host.page.evaluate(() => document.activeElement?.textContent))
        .toContain('first words')
      await host.press('Delete')
      await host.at('.message')
      await expect
        .poll(() => host.page.evaluate(() => document.activeElement?.textContent))
        .toContain('how are you')
      await host.press('Control+KeyZ')
      await host.said('first words').waitFor()
      await host.press('Escape')
      await host.at('.room .composer textarea')
      await host.press('ArrowUp')
      await host.at('.edit-box textarea')
      await host.type(', changed')
      await host.press('Enter')
      await host.said('first words, changed').waitFor()
      await host.at('.room .composer textarea')

      // Wednesday: found again, from the question to the message and back.
      await guest.press('Control+Shift+KeyF')
      await guest.at('.search input[type=search]')
      await guest.type('changed')
      await guest.press('Enter')
      await guest.page.locator('.hit').first().waitFor()
      await guest.press('ArrowDown')
      await guest.at('.hit')
      await guest.press('ArrowUp')
      await guest.at('.search input[type=search]')
      await guest.press('ArrowDown', 'Enter')
      await guest.page.locator('.message[data-targeted=true]').waitFor()
      if (width > 500) {
        await guest.press('Control+Shift+KeyF')
        await guest.at('.search input[type=search]')
        await guest.press('Escape')
        await guest.page.locator('.panel').waitFor({ state: 'detached' })
      }

      // Thursday: another room, the list of rooms by arrows, and what can be done with one.
      await guest.makeRoom(w.newRoom, 'attic')
      await guest.press('Alt+ArrowDown')
      await expect.poll(() => guest.page.title()).toContain('madang')
      await guest.at('.room .composer textarea')
      if (width > 500) {
        await guest.page.evaluate(() => document.querySelector<HTMLElement>('.jump')?.focus())
        while (!(await guest.page.evaluate(() => document.activeElement?.matches('.plank'))))
          await guest.press('Tab')
        const before = await guest.page.evaluate(() => document.activeElement?.textContent)
        expect(before).toContain('madang')
        await guest.press('ArrowUp', 'KeyM')
        await guest.at('[role=menu] button')
        await guest.press('Enter')
        await expect
          .poll(() => guest.page.evaluate(() => document.activeElement?.textContent))
          .toContain('attic')
      }

      // A page that one goes to is where one is.
      await guest.go(w.drafts)
      await guest.at('#middle')
      await guest.page.getByRole('heading', { name: w.drafts }).first().waitFor()

      // Friday: the other language, and out.
      await guest.go(w.language)
      await expect
        .poll(() => guest.page.evaluate(() => document.documentElement.lang))
        .toBe(w.other)
      await guest.page
        .locator('.sidebar .place', { hasText: w.otherSearch })
        .waitFor({ state: 'attached' })
      await host.go(w.signOut)
      await host.at('dialog button')
      while (!(await host.page.evaluate(() => document.activeElement?.matches('.primary'))))
        await host.press('Tab')
      await host.press('Enter')
      await host.page.getByRole('heading', { name: w.signIn }).waitFor()
      expect([...host.problems, ...guest.problems]).toEqual([])
    } finally {
      await browser.close()
      await maru.stop()
    }
  })
}
