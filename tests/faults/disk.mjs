// A disk that is full, or that fails at one call; a clock that jumps; readers that do not read.
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { Control, Journal, Redis, Server, chance, check, newDir, pause, remove } from './kit.mjs';

const ENOSPC = 28;
const EIO = 5;

/** Until writing works again, which is tried by itself. */
async function comesBack(server, journal) {
  for (let tries = 0; tries < 150; tries++) {
    if (await journal.post(server, `n${journal.count++}`)) return tries * 100;
    await pause(100);
  }
  return null;
}

async function trouble(figures, wrong, what, values) {
  const dir = newDir();
  const control = new Control(dir);
  let server = await Server.start(dir, [], control);
  const place = await server.settle();
  const journal = new Journal();
  let over = false;
  const load = journal.write(server, 4, () => over);
  await pause(100 + chance(200));
  control.set(values);
  await pause(600);
  over = true;
  await load;
  const history = await server.call('GET', `/rooms/${place.room}/messages?limit=50`);
  if (history.status !== 200) wrong.push(`${what}: history answers ${history.status} meanwhile`);
  const signedIn = await server.signIn();
  if (signedIn !== 200) wrong.push(`${what}: a sign-in answers ${signedIn} meanwhile`);
  control.set({});
  const ms = await comesBack(server, journal);
  if (ms === null) wrong.push(`${what}: writing does not come back: ${server.said.slice(-300)}`);
  else figures['longest until writing is back, ms'] = Math.max(figures['longest until writing is back, ms'], ms);
  wrong.push(...(await journal.verify(server)).map((text) => `${what}: ${text}`));
  if (server.panicked) wrong.push(`${what}: ${server.said.match(/.*panicked at.*\n.*/)[0]}`);
  await server.kill();
  server = await Server.start(dir);
  if (!server.runs) wrong.push(`${what}: the next start is refused: ${server.said.slice(-300)}`);
  else {
    Object.assign(server, place);
    await server.signIn();
    wrong.push(...(await journal.verify(server)).map((text) => `${what}, after a kill: ${text}`));
    await server.stop();
    const checked = check(dir);
    if (checked.status !== 0) wrong.push(`${what}: check: ${checked.said}`);
  }
  figures.acknowledged += journal.acknowledged.size;
  remove(dir);
  remove(control.path);
}

export async function fullDisk(tries) {
  const figures = { tries, acknowledged: 0, 'longest until writing is back, ms': 0 };
  const wrong = [];
  for (let n = 0; n < tries; n++) {
    const values = { write_error: ENOSPC, writes_left: chance(60) };
    await trouble(figures, wrong, `full disk ${n} after ${values.writes_left} writes`, values);
  }
  return { figures, wrong };
}

export async function failingCalls(tries) {
  const figures = { tries, acknowledged: 0, 'longest until writing is back, ms': 0 };
  const wrong = [];
  for (let n = 0; n < tries; n++) {
    const left = chance(50);
    const [values, what] = n % 2
      ? [{ sync_error: EIO, syncs_left: left, failing_for: 1 + chance(3) }, `sync ${left}`]
      : [{ write_error: EIO, writes_left: left, failing_for: 1 + chance(3) }, `write ${left}`];
    await trouble(figures, wrong, `failing ${what}`, values);
  }
  return { figures, wrong };
}

export async function clockJumps(tries) {
  const dir = newDir();
  const control = new Control(dir);
  const server = await Server.start(dir, [], control);
  const place = await server.settle();
  const journal = new Journal();
  const wrong = [];
  const hour = 3_600_000_000_000;
  for (let n = 0; n < tries; n++) {
    const off = [-24 * 365, -1, 1, 24, 0][n % 5] * hour;
    control.set({ clock_off_ns: off });
    for (let posts = 0; posts < 20; posts++) {
      if (!(await journal.post(server, `n${journal.count++}`))) wrong.push(`jump ${n}: a post is refused`);
    }
  }
  control.set({});
  wrong.push(...(await journal.verify(server)));
  const page = await server.call('GET', `/rooms/${place.room}/messages?limit=100`);
  const times = page.json.messages.map((message) => message.sent_at);
  if (times.some((time, at) => at > 0 && time < times[at - 1])) wrong.push('times go back');
  if (server.panicked) wrong.push(server.said.match(/.*panicked at.*/)[0]);
  await server.kill();
  const again = await Server.start(dir);
  Object.assign(again, place);
  await again.signIn();
  wrong.push(...(await journal.verify(again)).map((text) => `after a kill: ${text}`));
  await again.stop();
  remove(dir);
  remove(control.path);
  return { figures: { jumps: tries, acknowledged: journal.acknowledged.size }, wrong };
}

const residentMb = (pid) => Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)[1]) / 1024;

export async function slowReaders(seconds) {
  const dir = newDir();
  const server = await Server.start(dir);
  const place = await server.settle();
  const wrong = [];
  const redis = await Redis.open(server.redis);
  await redis.ask('SET', 'large', 'x'.repeat(1 << 20));
  const before = residentMb(server.child.pid);
  // Readers of the Redis protocol that ask for a gigabyte each, and streams of events, all deaf.
  const deaf = [];
  for (let n = 0; n < 20; n++) {
    const socket = connect(server.redis, '127.0.0.1');
    socket.on('error', () => {});
    socket.pause();
    socket.write('*2\r\n$3\r\nGET\r\n$5\r\nlarge\r\n'.repeat(1000));
    deaf.push(socket);
  }
  const port = Number(new URL(server.url).port);
  for (let n = 0; n < 50; n++) {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.pause();
    socket.write(`GET /api/v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${place.token}\r\n\r\n`);
    deaf.push(socket);
  }
  const journal = new Journal();
  const waits = [];
  const posts = [];
  let most = before;
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    let began = performance.now();
    if ((await redis.ask('PING')) !== '+PONG') wrong.push('a PING got no answer');
    waits.push(performance.now() - began);
    began = performance.now();
    if (!(await journal.post(server, `n${journal.count++}`))) wrong.push('a post is refused');
    posts.push(performance.now() - began);
    most = Math.max(most, residentMb(server.child.pid));
  }
  wrong.push(...(await journal.verify(server)));
  const slowest = (list) => Math.round(Math.max(...list));
  const figures = {
    'grown by, MB': Math.round(most - before),
    'slowest PING, ms': slowest(waits),
    'slowest post, ms': slowest(posts),
  };
  if (figures['slowest PING, ms'] > 1000) wrong.push('others wait for more than a second');
  if (figures['grown by, MB'] > 256 + 100) wrong.push('deaf readers hold more than the limit');
  deaf.forEach((socket) => socket.destroy());
  redis.close();
  await server.stop();
  remove(dir);
  return { figures, wrong };
}
