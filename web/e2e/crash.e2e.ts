import { expect, it } from 'vitest'
import { stage } from './stage'

const on = stage()

it('the server is killed: both go on without a gap or a double, and what was written goes out', async () => {
  const [kim, lee, room] = await on.pair('정전')
  await Promise.all([kim.open(room), lee.open(room)])
  await kim.say('하나')
  await lee.say('둘')
  await Promise.all([kim.reads(['하나', '둘']), lee.reads(['하나', '둘'])])

  await on.maru.kill()
  await kim.page.getByText('연결이 끊겼어요').waitFor()
  await kim.say('셋')
  await kim.say('넷')
  await expect.poll(() => kim.page.locator('.message-pending').count()).toBe(2)

  await on.maru.restart()
  const all = ['하나', '둘', '셋', '넷']
  await Promise.all([kim.reads(all), lee.reads(all)])
  await lee.say('다섯')
  await Promise.all([kim.reads([...all, '다섯']), lee.reads([...all, '다섯'])])
  await expect.poll(() => kim.caller.texts(room)).toEqual([...all, '다섯'])
})

it('what was written offline survives closing the page', async () => {
  const [kim, lee, room] = await on.pair('다시 열기')
  const line = await kim.line()
  await Promise.all([kim.open(room), lee.open(room)])
  await line.cut()
  await kim.page.getByText('연결이 끊겼어요').waitFor()
  await kim.say('남은 글')
  await kim.say('둘째 글')
  await kim.page.locator('.message-pending').nth(1).waitFor()
  const context = kim.page.context()
  await kim.page.close()
  const again = await context.newPage()
  await again.goto(`${on.maru.url}/rooms/${room}`)
  await lee.reads(['남은 글', '둘째 글'])
})

it('a message that was taken, but whose answer was lost, is there once', async () => {
  const [kim, lee, room] = await on.pair('한 번')
  await lee.open(room)
  // Every acknowledgement is lost until the line is cut once.
  let deaf = true
  await kim.page.routeWebSocket(/socket\.io/, (socket) => {
    const server = socket.connectToServer()
    server.onMessage((packet) => {
      const text = String(packet)
      if (!deaf) socket.send(packet)
      else if (text.startsWith('43')) {
        deaf = false
        void socket.close().then(() => server.close())
      } else if (!text.includes('message.created')) socket.send(packet)
    })
  })
  await kim.open(room)
  await kim.say('한 번만')
  await Promise.all([kim.reads(['한 번만']), lee.reads(['한 번만'])])
  expect(deaf).toBe(false)
  await expect.poll(() => kim.caller.texts(room)).toEqual(['한 번만'])
})
