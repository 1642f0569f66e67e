/** A real browser, and people who sit in front of it. */
import {
  chromium,
  type Browser,
  type BrowserContext,
  type CDPSession,
  type Page,
  type WebSocketRoute,
} from 'playwright-core'
import { expect } from 'vitest'
import { Caller, password, type Maru } from './maru'

export const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export function launch(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
  return chromium.launch({ executablePath, args })
}

/** `worker` lets the service worker be installed: what it answers, a test cannot intercept. */
export async function newContext(browser: Browser, worker = false): Promise<BrowserContext> {
  const context = await browser.newContext({
    serviceWorkers: worker ? 'allow' : 'block',
    locale: 'ko-KR',
    timezoneId: 'Asia/Seoul',
    viewport: { width: 1200, height: 800 },
  })
  context.setDefaultTimeout(20_000)
  return context
}

/** Somebody signed in, in a browser of their own. */
export class Person {
  readonly problems: string[] = []
  private keys: CDPSession | undefined

  private constructor(
    readonly page: Page,
    readonly caller: Caller,
    private readonly url: string,
  ) {
    page.on('pageerror', (error) => this.problems.push(error.message))
    page.on('console', (said) => {
      // What the content policy or Trusted Types refuse is an error; a lost connection is not.
      if (/Content Security Policy|Trusted/i.test(said.text())) this.problems.push(said.text())
    })
  }

  static async arrive(
    browser: Browser,
    maru: Maru,
    username: string,
    name = username,
    worker = false,
  ) {
    const caller = await Caller.signUp(maru, username, name)
    const context = await newContext(browser, worker)
    const signIn = await context.request.post(`${maru.url}/api/v1/login`, {
      data: { username, password: password(username) },
    })
    expect(signIn.status()).toBe(200)
    return new Person(await context.newPage(), caller, maru.url)
  }

  async open(room: number, message?: number): Promise<void> {
    const query = message === undefined ? '' : `?m=${message}`
    await this.page.goto(`${this.url}/rooms/${room}${query}`)
    await this.box.waitFor()
    await this.online()
  }

  online(): Promise<void> {
    return this.page.locator('[data-link=online]').waitFor({ state: 'attached' })
  }

  get box() {
    return this.page.locator('.room .composer textarea')
  }

  async say(text: string): Promise<void> {
    await this.box.fill(text)
    await this.box.press('Enter')
  }

  /** What stands beside the room. */
  get panel() {
    return this.page.locator('.panel')
  }

  /** The texts in the room's timeline, confirmed and on their way. */
  texts(): Promise<string[]> {
    return this.page.locator('.room .message .text').allInnerTexts()
  }

  /** Waits until the timeline reads so, and nothing is on its way. */
  async reads(texts: string[]): Promise<void> {
    await expect.poll(() => this.texts()).toEqual(texts)
    await expect.poll(() => this.page.locator('.room .message-pending').count()).toBe(0)
  }

  /** The live connection in the test's hands; to be taken before the page is opened. */
  async line(): Promise<{ cut: () => Promise<void> }> {
    const open: WebSocketRoute[] = []
    let isCut = false
    await this.page.routeWebSocket(/socket\.io/, async (socket) => {
      if (isCut) {
        await socket.close()
        return
      }
      socket.connectToServer()
      open.push(socket)
    })
    await this.page.route('**/socket.io/**', (route) => (isCut ? route.abort() : route.continue()))
    return {
      cut: async () => {
        isCut = true
        await Promise.all(open.map((socket) => socket.close()))
      },
    }
  }

  message(text: string) {
    return this.page.locator('.room .message', { hasText: text })
  }

  private async cdp(): Promise<CDPSession> {
    this.keys ??= await this.page.context().newCDPSession(this.page)
    return this.keys
  }

  /** An open composition, as an input method shows it while one types. */
  async compose(...steps: string[]): Promise<void> {
    const cdp = await this.cdp()
    for (const text of steps) {
      await this.key('rawKeyDown', 'Process', 229)
      await cdp.send('Input.imeSetComposition', {
        text,
        selectionStart: text.length,
        selectionEnd: text.length,
      })
      await this.key('keyUp', 'Process', 229)
    }
  }

  /** The input method writes what was composed. */
  async commit(text: string): Promise<void> {
    await (await this.cdp()).send('Input.insertText', { text })
  }

  async key(
    type: 'rawKeyDown' | 'keyUp' | 'char',
    key: string,
    code: number,
    modifiers = 0,
    place = key === 'Process' ? '' : key,
  ) {
    await (
      await this.cdp()
    ).send('Input.dispatchKeyEvent', {
      type,
      key,
      code: place,
      windowsVirtualKeyCode: code,
      modifiers,
      ...(type === 'char' ? { text: '\r' } : {}),
    })
  }

  /** An Enter that goes to the page itself. */
  async enter(modifiers = 0): Promise<void> {
    await this.key('rawKeyDown', 'Enter', 13, modifiers)
    await this.key('char', 'Enter', 13, modifiers)
    await this.key('keyUp', 'Enter', 13, modifiers)
  }
}
