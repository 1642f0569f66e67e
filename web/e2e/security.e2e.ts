/** Passkeys, an app's codes, and having to have one, as people meet them. */
import { createHmac } from 'node:crypto'
import type { BrowserContext, Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { newContext } from './browser'
import { Caller, password } from './maru'
import { stage } from './stage'

const on = stage()

/** Browsers have passkeys for names, not for numbers. */
const home = () => on.maru.url.replace('127.0.0.1', 'localhost')

async function visit(username: string): Promise<{ page: Page; context: BrowserContext }> {
  const context = await newContext(on.browser)
  const page = await context.newPage()
  await page.goto(home())
  await signIn(page, username)
  return { page, context }
}

async function signIn(page: Page, username: string): Promise<void> {
  await page.getByLabel('아이디').fill(username)
  await page.getByLabel('비밀번호', { exact: true }).fill(password(username))
  await page.getByRole('button', { name: '로그인', exact: true }).click()
}

const whoAmI = async (context: BrowserContext) => {
  const answer = await context.request.get(`${home()}/api/v1/session`)
  return ((await answer.json()) as { user: { username: string } | null }).user?.username
}

/** RFC 6238 with an app's usual numbers. */
function totp(secret: string): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = Array.from(secret, (letter) => letters.indexOf(letter).toString(2).padStart(5, '0'))
  const bytes = bits.join('').match(/.{8}/g) ?? []
  const key = Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)))
  const period = Buffer.alloc(8)
  period.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)))
  const digest = createHmac('sha1', key).update(period).digest()
  const at = (digest.at(-1) ?? 0) & 15
  return String((digest.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

async function enterPassword(page: Page, username: string): Promise<void> {
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('지금 비밀번호').fill(password(username))
  await dialog.getByRole('button', { name: '계속' }).click()
}

it('a passkey is made in the settings and signs in without a password', async () => {
  const { username } = await Caller.signUp(on.maru, '열쇠')
  const { page, context } = await visit(username)
  const cdp = await context.newCDPSession(page)
  await cdp.send('WebAuthn.enable')
  await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  await expect.poll(() => whoAmI(context)).toBe(username)
  await page.goto(`${home()}/settings/security`)
  await page.getByRole('button', { name: '패스키 더하기' }).click()
  await page.getByRole('dialog').getByLabel('패스키 이름').fill('내 노트북')
  await enterPassword(page, username)
  const codes = page.getByRole('region', { name: '복구 코드' }).getByRole('listitem')
  await expect.poll(() => codes.count()).toBe(10)
  await page.getByRole('button', { name: '적어 두었어요' }).click()
  await page.getByText('내 노트북').waitFor()
  await context.clearCookies()
  await page.goto(home())
  await page.getByRole('button', { name: '패스키로 로그인' }).click()
  await expect.poll(() => whoAmI(context)).toBe(username)
  // The password alone does not sign in any more.
  await context.clearCookies()
  await page.goto(home())
  await signIn(page, username)
  await page.getByRole('heading', { name: '한 번 더 확인할게요' }).waitFor()
  expect(await whoAmI(context)).toBeUndefined()
  await page.getByRole('button', { name: '패스키로 로그인' }).click()
  await expect.poll(() => whoAmI(context)).toBe(username)
  await context.close()
})

it("an app's code is asked for, and a recovery code stands in for it once", async () => {
  const { username } = await Caller.signUp(on.maru, '코드')
  const { page, context } = await visit(username)
  await expect.poll(() => whoAmI(context)).toBe(username)
  await page.goto(`${home()}/settings/security`)
  await page.getByRole('button', { name: '앱 더하기' }).click()
  // Somebody else at this screen stops here.
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('지금 비밀번호').fill('not the password')
  await dialog.getByRole('button', { name: '계속' }).click()
  await dialog.getByText('비밀번호가 맞지 않아요.').waitFor()
  await enterPassword(page, username)
  await page.getByRole('img', { name: '인증 앱에 더하는 QR 코드' }).waitFor()
  const secret = await page.locator('.totp-secret').innerText()
  await page.getByLabel('앱의 코드').fill(totp(secret))
  await page.getByRole('button', { name: '확인' }).click()
  const code = page.getByRole('region', { name: '복구 코드' }).locator('code').first()
  const recovery = await code.innerText()
  await context.clearCookies()
  await page.goto(home())
  await signIn(page, username)
  await page.getByLabel('코드').fill('000000')
  await page.getByRole('button', { name: '로그인', exact: true }).click()
  await page.getByText('이 코드는 맞지 않거나 이미 쓰였어요.').waitFor()
  await page.getByLabel('코드').fill(recovery.toUpperCase())
  await page.getByRole('button', { name: '로그인', exact: true }).click()
  await expect.poll(() => whoAmI(context)).toBe(username)
  await page.goto(`${home()}/settings/security`)
  await page.getByText('9개 남았어요.').waitFor()
  await context.close()
})

it('who has to have a second factor sets it up before anything else', async () => {
  const invite = new URL(on.maru.setupLink ?? '').searchParams.get('invite')
  const body = { username: '관리', password: password('관리'), invite }
  const made = await fetch(`${on.maru.url}/api/v1/signup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const { token } = (await made.json()) as { token: string }
  const demand = (second_factor: string) =>
    fetch(`${on.maru.url}/api/v1/admin/security`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ second_factor }),
    })
  const { username } = await Caller.signUp(on.maru, '손님')
  // Answered by 403, for it holds for the administrator at once.
  expect([200, 403]).toContain((await demand('everyone')).status)
  const { page, context } = await visit(username)
  await page.getByRole('heading', { name: '2단계 인증 켜기' }).waitFor()
  await page.getByRole('button', { name: '앱 더하기' }).click()
  await enterPassword(page, username)
  const secret = await page.locator('.totp-secret').innerText()
  await page.getByLabel('앱의 코드').fill(totp(secret))
  await page.getByRole('button', { name: '확인' }).click()
  await page.getByRole('button', { name: '적어 두었어요' }).click()
  await page.getByRole('button', { name: '계속하기' }).click()
  await page.getByRole('navigation').first().waitFor()
  await context.close()
})
