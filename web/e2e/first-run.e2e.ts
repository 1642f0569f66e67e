import { expect, it } from 'vitest'
import { launch, newContext } from './browser'
import { Maru } from './maru'

it('a new house: setup link, account, room, message; reload, sign out and in', async () => {
  const maru = await Maru.start()
  const browser = await launch()
  try {
    const context = await newContext(browser)
    const page = await context.newPage()
    const problems: string[] = []
    page.on('pageerror', (error) => problems.push(error.message))
    page.on('console', (said) => {
      if (/Content Security Policy|Trusted/i.test(said.text())) problems.push(said.text())
    })

    await page.goto(maru.url)
    await page.getByText('설정 링크로 들어와 주세요').waitFor()
    await page.goto(maru.setupLink ?? '')
    await page.getByRole('heading', { name: '마루를 처음 엽니다' }).waitFor()
    await page.getByLabel('아이디', { exact: true }).fill('chulsoo')
    await page.getByLabel('이름', { exact: true }).fill('김철수')
    await page.getByLabel('비밀번호', { exact: true }).fill('아주 긴 비밀번호 123')
    await page.getByRole('button', { name: '시작하기' }).click()
    await page.getByText('아직 들어간 방이 없어요').waitFor()
    // The link worked once.
    expect(new URL(page.url()).search).toBe('')

    await page.getByRole('main').getByRole('button', { name: '방 만들기' }).click()
    await page.getByLabel('방 이름').fill('마당')
    await page.getByRole('button', { name: '만들기', exact: true }).click()
    await page.getByRole('heading', { name: '마당' }).waitFor()
    await page.locator('.composer textarea').fill('첫마디')
    await page.locator('.composer textarea').press('Enter')
    await page.locator('.message:not(.message-pending)', { hasText: '첫마디' }).waitFor()

    await page.reload()
    await page.locator('.message', { hasText: '첫마디' }).waitFor()

    await page.getByRole('button', { name: '마루 메뉴' }).click()
    await page.getByRole('menuitem', { name: '로그아웃' }).click()
    await page.getByRole('dialog').getByRole('button', { name: '로그아웃' }).click()
    await page.getByRole('heading', { name: '마루에 로그인' }).waitFor()
    await page.getByLabel('아이디', { exact: true }).fill('chulsoo')
    await page.getByLabel('비밀번호', { exact: true }).fill('틀린 비밀번호 123')
    await page.getByRole('button', { name: '로그인' }).click()
    await page.getByText('아이디나 비밀번호가 맞지 않아요').waitFor()
    await page.getByLabel('비밀번호', { exact: true }).fill('아주 긴 비밀번호 123')
    await page.getByRole('button', { name: '로그인' }).click()
    await page.locator('.message', { hasText: '첫마디' }).waitFor()

    const again = await (await newContext(browser)).newPage()
    await again.goto(maru.setupLink ?? '')
    // Said before anybody fills in a form.
    await again.getByText('이 초대는 이미 쓰였거나').waitFor()
    expect(problems).toEqual([])
  } finally {
    await browser.close()
    await maru.stop()
  }
})
