// Processes that are killed: under load, in their first moments, and with torn ends afterwards.
import { appendFileSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { Journal, Redis, Server, chance, check, files, newDir, pause, remove, searched, sizeOf } from './kit.mjs';

/** Keys of another program, counted up; what was acknowledged with `--cache-fsync always` is kept. */
async function count(server, counts, until) {
  const redis = await Redis.open(server.redis);
  while (redis && !until()) {
    const answer = await redis.ask('SET', `n:${counts.next}`, counts.next);
    if (answer !== '+OK') break;
    counts.known.push(counts.next++);
  }
  redis?.close();
}

export async function kills(rounds) {
  const dir = newDir();
  const more = ['--cache-fsync', 'always'];
  let server = await Server.start(dir, more);
  const place = await server.settle();
  const journal = new Journal();
  const counts = { next: 0, known: [] };
  const wrong = [];
  const figures = { kills: 0, acknowledged: 0, keys: 0, 'longest start, ms': 0, 'longest until search is complete, ms': 0 };
  for (let round = 0; round < rounds; round++) {
    let over = false;
    const load = [journal.write(server, 6, () => over), count(server, counts, () => over)];
    await pause(200 + chance(1200));
    await server.kill();
    over = true;
    await Promise.all(load);
    figures.kills++;
    const began = Date.now();
    server = await Server.start(dir, more);
    figures['longest start, ms'] = Math.max(figures['longest start, ms'], Date.now() - began);
    if (!server.runs) {
      wrong.push(`round ${round}: the start is refused: ${server.said.slice(-400)}`);
      break;
    }
    Object.assign(server, place);
    const ms = await searched(server, journal, wrong);
    const longest = figures['longest until search is complete, ms'];
    figures['longest until search is complete, ms'] = Math.max(longest, ms);
    wrong.push(...(await journal.verify(server)).map((text) => `round ${round}: ${text}`));
    const redis = await Redis.open(server.redis);
    for (const n of counts.known.slice(-200)) {
      const value = await redis.ask('GET', `n:${n}`);
      if (value !== String(n)) wrong.push(`round ${round}: key n:${n} is ${value}`);
    }
    redis.close();
    if (server.panicked) wrong.push(`round ${round}: ${server.said.match(/.*panicked at.*/)[0]}`);
    if (wrong.length) break;
  }
  await server.stop();
  const checked = check(dir);
  if (checked.status !== 0) wrong.push(`check: ${checked.said}`);
  figures.acknowledged = journal.acknowledged.size;
  figures.keys = counts.known.length;
  remove(dir);
  return { figures, wrong };
}

export async function firstMoments(tries) {
  const wrong = [];
  const figures = { tries, 'killed before it listened': 0 };
  for (let n = 0; n < tries; n++) {
    const dir = newDir();
    const starting = Server.start(join(dir, 'data'));
    await pause(chance(900));
    const pid = await Promise.race([starting, pause(0)]);
    // `start` is still waiting: it is killed where it stands.
    if (!pid) figures['killed before it listened']++;
    await Server.last.kill();
    await starting;
    const again = await Server.start(join(dir, 'data'));
    if (!again.runs) wrong.push(`try ${n}: ${again.said.slice(-300)}`);
    else {
      const settled = await again.settle().catch((error) => String(error));
      if (typeof settled === 'string') wrong.push(`try ${n}: ${settled}`);
    }
    await again.kill();
    remove(dir);
  }
  return { figures, wrong };
}

export async function tornTails(tries) {
  const wrong = [];
  const figures = { tries: 0, 'told': 0 };
  for (let n = 0; n < tries; n++) {
    const dir = newDir();
    let server = await Server.start(dir);
    const place = await server.settle();
    const journal = new Journal();
    let over = false;
    const load = journal.write(server, 4, () => over);
    await pause(150 + chance(300));
    await server.kill();
    over = true;
    await load;
    // What a power cut leaves behind what was synced: half a frame, zeros, anything.
    const ends = files(dir).filter((file) => /^(log|events|cache)\/.*\.log$/.test(file)).sort();
    for (const part of ['log/', 'cache/', 'events/']) {
      const file = ends.filter((name) => name.startsWith(part)).pop();
      if (!file) continue;
      const path = join(dir, file);
      const whole = readFileSync(path);
      const rest = [
        Buffer.alloc(1 + chance(4096)),
        whole.subarray(Math.max(0, whole.length - 90), whole.length - 3),
        Buffer.from(Array.from({ length: 1 + chance(300) }, () => chance(256))),
      ][chance(3)];
      appendFileSync(path, rest);
    }
    // An end of events or keys that had not been synced is missing altogether.
    for (const part of ['events/']) {
      const file = ends.filter((name) => name.startsWith(part)).pop();
      if (file) truncateSync(join(dir, file), Math.max(0, sizeOf(join(dir, file)) - chance(400)));
    }
    figures.tries++;
    server = await Server.start(dir);
    if (!server.runs) {
      wrong.push(`try ${n}: the start is refused: ${server.said.slice(-400)}`);
    } else {
      Object.assign(server, place);
      wrong.push(...(await journal.verify(server)).map((text) => `try ${n}: ${text}`));
      if (/cut/.test(server.said)) figures.told++;
    }
    if (server.panicked) wrong.push(`try ${n}: ${server.said.match(/.*panicked at.*/)[0]}`);
    await server.kill();
    remove(dir);
  }
  return { figures, wrong };
}
