// A server of the real binary, what is asked of it, and the journal outside that knows what it owes.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, openSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';

export const options = { bin: 'target/debug/maru', seed: 1, shim: null };
const PASSWORD = '마루 위의 긴 비밀번호 하나';

let state = 0n;
/** The same numbers for the same seed. */
export function chance(below) {
  state ||= BigInt(options.seed) * 2654435761n + 1n;
  state = (state * 6364136223846793005n + 1442695040888963407n) & ((1n << 64n) - 1n);
  return Number((state >> 33n) % BigInt(Math.max(1, below)));
}

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

export function newDir() {
  return mkdtempSync(join(tmpdir(), 'maru-faults-'));
}

export const remove = (dir) => rmSync(dir, { recursive: true, force: true });
export const copy = (from, to) => cpSync(from, to, { recursive: true });

/** Every file below a directory, by its path in it. */
export function files(dir) {
  const all = readdirSync(dir, { recursive: true, withFileTypes: true });
  return all.filter((f) => f.isFile()).map((f) => relative(dir, join(f.parentPath ?? f.path, f.name)));
}

/** What the shim in front of the C library is told. */
export class Control {
  constructor(dir) {
    this.path = `${dir}.control`;
    this.file = openSync(this.path, 'w+');
    this.set({});
  }
  set(values) {
    const names = ['write_error', 'sync_error', 'writes_left', 'syncs_left', 'failures', 'clock_off_ns', 'failing_for'];
    const bytes = Buffer.alloc(8 * names.length);
    const all = { failing_for: -1, ...values };
    names.forEach((name, at) => bytes.writeBigInt64LE(BigInt(all[name] ?? 0), 8 * at));
    writeSync(this.file, bytes, 0, bytes.length, 0);
  }
}

export class Server {
  /** Starts and waits until it listens; `refused` is what it said where it does not start. */
  static async start(dir, more = [], control = null) {
    const server = new Server();
    Server.last = server;
    server.dir = dir;
    server.said = '';
    const env = { ...process.env, RUST_BACKTRACE: '0' };
    if (control) {
      Object.assign(env, { LD_PRELOAD: options.shim, FAULTS_DIR: dir, FAULTS_CONTROL: control.path });
    }
    const args = ['serve', '--listen', '127.0.0.1:0', '--resp-listen', '127.0.0.1:0', '--data-dir', dir, ...more];
    server.child = spawn(options.bin, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    server.child.stderr.on('data', (text) => (server.said += text));
    server.ended = new Promise((done) => server.child.on('close', (code) => done(code)));
    const lines = createInterface({ input: server.child.stdout });
    const ready = new Promise((done) => {
      lines.on('line', (line) => {
        const main = line.match(/listening on (http:\S+)/);
        if (main) server.url = main[1];
        const redis = line.match(/Redis protocol is served on \S+:(\d+)/);
        if (redis) server.redis = Number(redis[1]);
        const invite = line.match(/invite=(\S+)/);
        if (invite) server.invite = invite[1];
        // The setup link comes in the same breath, where there is one.
        if (server.url && server.redis) setTimeout(done, invite ? 0 : 40);
      });
    });
    await Promise.race([ready, server.ended]);
    server.runs = server.child.exitCode === null;
    return server;
  }

  get panicked() {
    return this.said.includes('panicked at');
  }

  async kill() {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  async stop() {
    this.child.kill('SIGTERM');
    return this.ended;
  }

  /** `{status, json}`; status 0 where there was no answer. */
  async call(method, path, body, token = this.token) {
    try {
      const headers = { 'content-type': 'application/json' };
      if (token) headers.authorization = `Bearer ${token}`;
      const answer = await fetch(`${this.url}/api/v1${path}`, {
        method,
        headers,
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: AbortSignal.timeout(20_000),
      });
      const text = await answer.text();
      return { status: answer.status, json: text ? JSON.parse(text) : null };
    } catch (error) {
      return { status: 0, json: String(error) };
    }
  }

  /** The first administrator, with a room. */
  async settle() {
    const account = { username: 'kim', password: PASSWORD, invite: this.invite };
    const signed = await this.call('POST', '/signup', account, null);
    if (signed.status !== 201) throw new Error(`no account: ${JSON.stringify(signed)}`);
    this.token = signed.json.token;
    const room = await this.call('POST', '/rooms', { name: '마루' });
    this.room = room.json.id;
    return { token: this.token, room: this.room };
  }

  async signIn() {
    const signed = await this.call('POST', '/login', { username: 'kim', password: PASSWORD }, null);
    this.token = signed.json?.token ?? this.token;
    return signed.status;
  }
}

export function check(dir, ...more) {
  const done = spawnSync(options.bin, ['check', '--data-dir', dir, ...more], { encoding: 'utf8' });
  return { status: done.status, said: done.stdout + done.stderr };
}

/** What was acknowledged: client id → message id. What was not answered is sent again. */
export class Journal {
  constructor() {
    this.acknowledged = new Map();
    this.open = new Set();
    this.count = 0;
  }

  async post(server, nonce) {
    const body = { text: `글 ${nonce}`, client_id: nonce };
    const answer = await server.call('POST', `/rooms/${server.room}/messages`, body);
    if (answer.status === 200 || answer.status === 201) {
      this.acknowledged.set(nonce, answer.json.id);
      this.open.delete(nonce);
      return true;
    }
    // Who was refused may have been heard all the same, or not.
    this.open.add(nonce);
    return false;
  }

  /** Writers go on until the server is gone or refuses. */
  async write(server, writers, until) {
    const one = async () => {
      while (!until()) {
        if (!(await this.post(server, `n${this.count++}`))) return;
      }
    };
    await Promise.all(Array.from({ length: writers }, one));
  }

  /** What is wrong, in sentences. */
  async verify(server) {
    for (const nonce of [...this.open]) {
      if (!(await this.post(server, nonce))) return [`${nonce} cannot be sent again`];
    }
    const wrong = [];
    const stored = new Map();
    let after = 0;
    for (;;) {
      const page = await server.call('GET', `/rooms/${server.room}/messages?after=${after}&limit=100`);
      if (page.status !== 200) return [`history answers ${page.status}`];
      for (const message of page.json.messages) {
        if (message.id <= after) wrong.push(`order: ${message.id} after ${after}`);
        after = message.id;
        const nonce = message.client_id;
        if (stored.has(nonce)) wrong.push(`${nonce} is there twice`);
        if (message.text !== `글 ${nonce}`) wrong.push(`${nonce} says ${message.text}`);
        stored.set(nonce, message.id);
      }
      if (!page.json.more_after) break;
    }
    for (const [nonce, id] of this.acknowledged) {
      if (stored.get(nonce) !== id) wrong.push(`${nonce} was acknowledged as ${id} and is ${stored.get(nonce)}`);
    }
    return wrong;
  }
}

/** How long after a start search says that it is complete, and whether it tells the room's order. */
export async function searched(server, journal, wrong) {
  const began = Date.now();
  const ask = (cursor) => {
    const more = cursor ? `&cursor=${encodeURIComponent(cursor)}` : '';
    return server.call('GET', `/search?q=%EA%B8%80&sort=newest&limit=100&room_id=${server.room}${more}`);
  };
  let first = await ask();
  while (first.json?.partial && Date.now() - began < 60_000) {
    await pause(50);
    first = await ask();
  }
  const ms = Date.now() - began;
  const allowed = 2_000 + 0.3 * journal.acknowledged.size;
  if (ms > allowed * (options.slow ?? 1)) wrong.push(`search is complete after ${ms} ms`);
  const ids = [];
  for (let page = first; ; page = await ask(page.json.cursor)) {
    if (page.status !== 200) {
      wrong.push(`a search answers ${page.status}`);
      return ms;
    }
    ids.push(...page.json.hits.map((hit) => hit.message.id));
    if (!page.json.cursor) break;
  }
  const wanted = [...journal.acknowledged.values()].sort((a, b) => b - a);
  const lacking = wanted.filter((id) => !ids.includes(id));
  if (lacking.length) wrong.push(`search misses ${lacking.length} of ${wanted.length} messages`);
  if (ids.some((id, at) => at > 0 && id >= ids[at - 1])) wrong.push('the newest of a search are in another order than the room');
  return ms;
}

/** One connection of the Redis protocol, for commands whose answers are short. */
export class Redis {
  static open(port) {
    const redis = new Redis();
    redis.socket = connect(port, '127.0.0.1');
    redis.socket.on('error', () => {});
    redis.buffer = '';
    redis.waiting = [];
    redis.socket.on('data', (data) => {
      redis.buffer += data.toString('latin1');
      redis.take();
    });
    redis.socket.on('close', () => redis.waiting.splice(0).forEach((done) => done(null)));
    return new Promise((done) => {
      redis.socket.on('connect', () => done(redis));
      redis.socket.on('close', () => done(null));
    });
  }
  take() {
    while (this.waiting.length) {
      const end = this.buffer.indexOf('\r\n');
      if (end < 0) return;
      const head = this.buffer.slice(0, end);
      if (head[0] === '$' && head !== '$-1') {
        const len = Number(head.slice(1));
        if (this.buffer.length < end + 4 + len) return;
        this.waiting.shift()(this.buffer.slice(end + 2, end + 2 + len));
        this.buffer = this.buffer.slice(end + 4 + len);
      } else {
        this.waiting.shift()(head === '$-1' ? undefined : head);
        this.buffer = this.buffer.slice(end + 2);
      }
    }
  }
  /** A string, `undefined` for nothing, `null` where the connection broke. */
  ask(...words) {
    return new Promise((done) => {
      this.waiting.push(done);
      const parts = words.map((word) => `$${Buffer.byteLength(String(word))}\r\n${word}\r\n`);
      this.socket.write(`*${words.length}\r\n${parts.join('')}`);
    });
  }
  close() {
    this.socket.destroy();
  }
}

export const sizeOf = (path) => statSync(path).size;
