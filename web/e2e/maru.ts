/** The real binary on a data directory of its own, and what tests ask of it over HTTP. */
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

const START_MS = 30_000

export class Maru {
  url = ''
  /** The one-time link for the first administrator; only at the first start. */
  setupLink: string | undefined
  private process: ChildProcess | undefined

  private constructor(
    private readonly binary: string,
    readonly directory: string,
    private readonly settings: readonly string[],
  ) {}

  get pid(): number {
    return this.process?.pid ?? 0
  }

  /** With further flags, as `serve` takes them. */
  static async start(settings: readonly string[] = []): Promise<Maru> {
    const binary = resolve(process.env.MARU_BIN ?? '../target/debug/maru')
    if (!existsSync(binary)) throw new Error(`${binary} is missing: build it, or set MARU_BIN.`)
    const maru = new Maru(binary, await mkdtemp(join(tmpdir(), 'maru-e2e-')), settings)
    await maru.run('127.0.0.1:0')
    return maru
  }

  /** As a power cut does it: no word to anybody. */
  async kill(): Promise<void> {
    await this.end('SIGKILL')
  }

  /** Again on the same data and the same address. */
  async restart(): Promise<void> {
    await this.run(new URL(this.url).host)
  }

  async stop(): Promise<void> {
    await this.end('SIGTERM')
    await rm(this.directory, { recursive: true, force: true })
  }

  /** Loads history through the running server, as `maru import` does it. */
  async import(lines: object[]): Promise<void> {
    const args = ['import', '-', '--data-dir', this.directory]
    const child = spawn(this.binary, args, { stdio: ['pipe', 'ignore', 'inherit'] })
    child.stdin.end(lines.map((line) => JSON.stringify(line)).join('\n') + '\n')
    const code = await new Promise((done) => child.once('exit', done))
    if (code !== 0) throw new Error(`import: exit ${String(code)}`)
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.process
    if (child?.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise((done) => child.once('exit', done))
    child.kill(signal)
    await gone
  }

  private async run(listen: string): Promise<void> {
    const args = ['serve', '--listen', listen, '--data-dir', this.directory, '--signup', 'open']
    const all = [...args, ...this.settings]
    const child = spawn(this.binary, all, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.process = child
    const said: string[] = []
    await new Promise<void>((ready, fail) => {
      const late = setTimeout(() => fail(new Error(`not ready:\n${said.join('\n')}`)), START_MS)
      child.once('error', fail)
      child.once('exit', (code) => fail(new Error(`exit ${code ?? '?'}:\n${said.join('\n')}`)))
      const read = (line: string) => {
        said.push(line)
        this.setupLink ??= /https?:\/\/\S+\/signup\?\S+/.exec(line)?.[0]
        const url = /listening on (http:\/\/\S+)/.exec(line)?.[1]
        if (url) this.url = url
        if (!this.url || (this.firstStart && !this.setupLink)) return
        clearTimeout(late)
        this.firstStart = false
        ready()
      }
      for (const stream of [child.stdout, child.stderr]) {
        createInterface({ input: stream }).on('line', read)
      }
    })
  }

  private firstStart = true
}

interface Said {
  id: number
  text: string
  mentions: number[]
}

/** Somebody who uses the API as a program does. */
export class Caller {
  private constructor(
    private readonly url: string,
    readonly token: string,
    readonly id: number,
    readonly username: string,
  ) {}

  static async signUp(
    maru: Maru,
    username: string,
    display_name = username,
    invite?: string,
  ): Promise<Caller> {
    const body = {
      username,
      password: password(username),
      display_name,
      ...(invite === undefined ? {} : { invite }),
    }
    const answer = await call<{ token: string; user: { id: number } }>(
      'POST',
      `${maru.url}/api/v1/signup`,
      body,
    )
    return new Caller(maru.url, answer.token, answer.user.id, username)
  }

  call<T>(method: string, path: string, body?: unknown): Promise<T> {
    return call<T>(method, `${this.url}/api/v1${path}`, body, this.token)
  }

  async room(name: string): Promise<number> {
    return (await this.call<{ id: number }>('POST', '/rooms', { name })).id
  }

  async post(room: number, text: string, more: object = {}): Promise<number> {
    const body = { text, ...more }
    return (await this.call<{ id: number }>('POST', `/rooms/${room}/messages`, body)).id
  }

  /** The newest message of a room. */
  async last(room: number): Promise<Said> {
    const path = `/rooms/${room}/messages?limit=1`
    const { messages } = await this.call<{ messages: Said[] }>('GET', path)
    if (!messages[0]) throw new Error(`nothing was said in ${room}`)
    return messages[0]
  }

  /** The newest texts of a room, oldest first. */
  async texts(room: number): Promise<string[]> {
    const path = `/rooms/${room}/messages?limit=100`
    const { messages } = await this.call<{ messages: { text: string }[] }>('GET', path)
    return messages.map((m) => m.text)
  }
}

export const password = (username: string) => `${username} 의 긴 비밀번호 42`

async function call<T>(method: string, url: string, body?: unknown, token?: string): Promise<T> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`)
  return (text === '' ? undefined : JSON.parse(text)) as T
}
