/** The one administrator of a stage's server, by its setup link, and pages where they are signed in. */
import type { BrowserContextOptions, Page } from 'playwright-core'
import { newContext } from './browser'
import { Caller, password, type Maru } from './maru'
import type { stage } from './stage'

export function administration(on: ReturnType<typeof stage>) {
  // One a server: after a failed test the stage has another.
  const admins = new WeakMap<Maru, Caller>()
  const administrator = async (): Promise<Caller> => {
    const known = admins.get(on.maru)
    if (known) return known
    const invite = new URL(on.maru.setupLink ?? '').searchParams.get('invite')
    const admin = await Caller.signUp(on.maru, 'boss', '관리자', invite ?? undefined)
    admins.set(on.maru, admin)
    return admin
  }
  /** In a browser of its own; with options, of another kind. */
  const pageOf = async (caller: Caller, options?: BrowserContextOptions): Promise<Page> => {
    const context = options ? await on.browser.newContext(options) : await newContext(on.browser)
    context.setDefaultTimeout(20_000)
    const data = { username: caller.username, password: password(caller.username) }
    await context.request.post(`${on.maru.url}/api/v1/login`, { data })
    return context.newPage()
  }
  return { administrator, pageOf }
}

export const row = (page: Page, text: string) => page.locator('.table tbody tr', { hasText: text })
