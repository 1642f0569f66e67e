// One bit of a stopped directory flips, in every kind of file.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Redis, Server, chance, check, copy, files, newDir, pause, remove, sizeOf } from './kit.mjs';

const KEYS = 40;
/** What is not content: who holds the directory, and a socket. */
const PASSING = ['lock', 'control.sock'];

async function prepare() {
  const dir = newDir();
  const server = await Server.start(dir);
  const { token, room } = await server.settle();
  const ids = [];
  for (let n = 0; n < 120; n++) {
    const text = `${n}번째 글 ${'가나다라 '.repeat(n % 40)}`;
    const posted = await server.call('POST', `/rooms/${room}/messages`, { text, client_id: `c${n}` });
    ids.push(posted.json.id);
  }
  for (let n = 0; n < 20; n++) {
    await server.call('PUT', `/messages/${ids[n]}/reactions/${encodeURIComponent('👍')}`);
    await server.call('PATCH', `/messages/${ids[n + 20]}`, { text: `anders ${n}` });
  }
  await server.call('DELETE', `/messages/${ids[50]}`);
  const uploads = [];
  for (let n = 0; n < 3; n++) {
    const form = new FormData();
    form.set('file', new Blob([`content ${n} `.repeat(900)]), `file ${n}.txt`);
    const headers = { authorization: `Bearer ${token}` };
    const sent = await fetch(`${server.url}/api/v1/files`, { method: 'POST', headers, body: form });
    const file = await sent.json();
    uploads.push(file.id);
    await server.call('POST', `/rooms/${room}/messages`, { text: 'with a file', file_ids: [file.id] });
  }
  const redis = await Redis.open(server.redis);
  for (let n = 0; n < KEYS; n++) await redis.ask('SET', `key:${n}`, `value ${n}`.repeat(5));
  await redis.ask('BGREWRITEAOF');
  for (let n = 0; n < KEYS; n++) await redis.ask('SET', `late:${n}`, `late ${n}`);
  redis.close();
  await pause(500);
  await server.stop();
  return { dir, token, room, uploads, first: ids[0] };
}

/** What people and programs see, item by item; the status where there is no answer. */
async function see(server, place) {
  const seen = {};
  const keep = async (name, answer) => {
    seen[name] = answer.status === 200 ? JSON.stringify(answer.json) : answer.status;
  };
  const { room, first } = place;
  await keep('me', await server.call('GET', '/me'));
  await keep('users', await server.call('GET', '/users'));
  await keep('room', await server.call('GET', `/rooms/${room}`));
  await keep('first page', await server.call('GET', `/rooms/${room}/messages?limit=60`));
  await keep('older page', await server.call('GET', `/rooms/${room}/messages?limit=60&before=${first + 65_000}`));
  await keep('from the beginning', await server.call('GET', `/rooms/${room}/messages?limit=100&after=0`));
  for (const id of place.uploads) {
    const headers = { authorization: `Bearer ${server.token}` };
    const file = await fetch(`${server.url}/api/v1/files/${id}`, { headers }).catch(() => null);
    seen[`file ${id}`] = file?.status === 200 ? await file.text().catch(() => 500) : (file?.status ?? 0);
  }
  for (let tries = 0; ; tries++) {
    const found = await server.call('GET', '/search?q=%EA%B0%80%EB%82%98%EB%8B%A4&limit=100&sort=newest');
    const hits = found.json?.hits?.map((hit) => hit.message.id).join();
    seen.search = found.status === 200 ? hits : found.status;
    if (!found.json?.partial || tries > 50) break;
    await pause(100);
  }
  const redis = await Redis.open(server.redis);
  for (let n = 0; n < KEYS; n++) {
    for (const name of [`key:${n}`, `late:${n}`]) seen[name] = await redis.ask('GET', name);
  }
  redis.close();
  return seen;
}

/** Which places are told: the file's own name, or the part of the directory that is rebuilt. */
function names(said, file) {
  const part = file.split('/')[0];
  return said.includes(basename(file)) || (['index', 'events'].includes(part) && said.includes(part)) ||
    (part === 'index' && /search index|the index/.test(said));
}

export async function flips(count) {
  const place = await prepare();
  const figures = { flips: 0, refused: 0, served: 0, 'silently wrong': 0, panics: 0, 'stopped writes': 0, unnamed: 0 };
  const wrong = [];
  const start = async (dir) => {
    const server = await Server.start(dir);
    Object.assign(server, { token: place.token, room: place.room });
    return server;
  };
  const well = newDir();
  copy(place.dir, well);
  let server = await start(well);
  const truth = await see(server, place);
  await server.stop();
  remove(well);
  const all = files(place.dir).filter((file) => !PASSING.includes(file) && sizeOf(join(place.dir, file)) > 0);
  for (let n = 0; n < count; n++) {
    const dir = newDir();
    copy(place.dir, dir);
    const file = all[chance(all.length)];
    const bytes = readFileSync(join(dir, file));
    const at = chance(bytes.length);
    bytes[at] ^= 1 << chance(8);
    writeFileSync(join(dir, file), bytes);
    const what = `flip ${n}: ${file} byte ${at}`;
    figures.flips++;
    let checked;
    if (n % 5 === 0) {
      const beside = newDir();
      copy(dir, beside);
      checked = check(beside);
      if (checked.said.includes('panicked at')) {
        figures.panics++;
        wrong.push(`${what}: check panicked`);
      }
      remove(beside);
    }
    server = await start(dir);
    if (!server.runs) {
      figures.refused++;
      if (!names(server.said, file)) {
        figures.unnamed++;
        wrong.push(`${what}: refused without its name: ${server.said.slice(-300)}`);
      }
    } else {
      figures.served++;
      const seen = await see(server, place);
      // Whose key is gone signs in again.
      if (seen.me === 401) {
        await server.signIn();
        Object.assign(seen, await see(server, place));
      }
      const is_named = names(server.said, file);
      for (const [item, value] of Object.entries(truth)) {
        if (seen[item] === value) continue;
        const is_error = typeof seen[item] === 'number' && seen[item] >= 500;
        const is_gone = seen[item] === undefined && file.startsWith('cache');
        if ((is_error || is_gone) && is_named) continue;
        figures['silently wrong']++;
        wrong.push(`${what}: ${item}: ${String(seen[item]).slice(0, 200)} instead of ${String(value).slice(0, 200)}`);
        break;
      }
      const posted = await server.call('POST', `/rooms/${place.room}/messages`, { text: 'and on', client_id: 'on' });
      if (posted.status !== 201) {
        figures['stopped writes']++;
        wrong.push(`${what}: a post answers ${posted.status} ${JSON.stringify(posted.json)}`);
      }
      await server.stop();
      if (!names(server.said, file)) {
        // What nobody read, a check names.
        let found = checked;
        if (!found) {
          const beside = newDir();
          copy(place.dir, beside);
          writeFileSync(join(beside, file), bytes);
          found = check(beside);
          remove(beside);
        }
        if (!names(found.said, file)) {
          figures.unnamed++;
          wrong.push(`${what}: named by nobody: ${server.said.slice(-300)} ${found.said.slice(-300)}`);
        }
      }
    }
    if (server.panicked) {
      figures.panics++;
      wrong.push(`${what}: ${server.said.match(/.*panicked at.*\n.*/)?.[0]}`);
    }
    await server.kill().catch(() => {});
    remove(dir);
  }
  remove(place.dir);
  return { figures, wrong };
}
