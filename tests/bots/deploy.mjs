// A bot that answers `/deploy BRANCH`: npm install socket.io-client, then
//   MARU_URL=https://chat.example.org MARU_TOKEN=maru_bot_… node deploy.mjs
// Its token needs the scopes events:read, messages:write and hooks:write.
import { io } from 'socket.io-client'

const { MARU_URL: url, MARU_TOKEN: token } = process.env

const set = await fetch(`${url}/api/v1/commands/deploy`, {
  method: 'PUT',
  headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  body: JSON.stringify({ description: 'Deploys a branch', usage: '<branch>' }),
})
if (!set.ok) throw new Error(await set.text())

const socket = io(url, { auth: { token } })
socket.on('ready', () => console.log('ready'))
socket.on('connect_error', (error) => console.error(error.data?.code ?? error.message))

const answer = (answer) => socket.emitWithAck('command.answer', answer)

socket.on('command.invoked', async ({ invocation_id, text, user }) => {
  if (text === '') {
    await answer({ invocation_id, text: 'Which branch? Write `/deploy main`.' })
    return
  }
  // What takes longer than three seconds is deferred; the room sees how it ended.
  await answer({ invocation_id, deferred: true, text: `Deploying ${text} …` })
  const done = `@${user.username} deployed **${text}**`
  const said = await answer({ invocation_id, visible: 'room', text: done })
  if (!said.ok) console.error(said.error.message)
})
