// Faults, from outside: the real binary is killed, its files are damaged, its disk and clock fail,
// and a journal kept outside tells what it owes. `make faults` runs all of it in some ten minutes.
//
//   node tests/faults/main.mjs [--bin target/debug/maru] [--seed 1] [--flips 200] [--scale 1] [--only NAME]
import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { clockJumps, failingCalls, fullDisk, slowReaders } from './disk.mjs';
import { flips } from './flips.mjs';
import { options } from './kit.mjs';
import { firstMoments, kills, tornTails } from './kills.mjs';

const asked = {};
for (let at = 2; at < process.argv.length; at += 2) asked[process.argv[at].slice(2)] = process.argv[at + 1];
options.bin = resolve(asked.bin ?? 'target/debug/maru');
options.seed = Number(asked.seed ?? Date.now() % 100_000);
const scale = Number(asked.scale ?? 1);
const times = (count) => Math.max(1, Math.round(count * scale));

options.shim = join(mkdtempSync(join(tmpdir(), 'maru-shim-')), 'shim.so');
const source = join(import.meta.dirname, 'shim.c');
const built = spawnSync('gcc', ['-shared', '-fPIC', '-O2', '-o', options.shim, source, '-ldl'], { stdio: 'inherit' });
if (built.status !== 0) process.exit(2);

const scenarios = {
  'kill -9 under load': () => kills(times(15)),
  'killed in the first moments': () => firstMoments(times(40)),
  'torn tails': () => tornTails(times(15)),
  'flipped bits': () => flips(Number(asked.flips ?? times(200))),
  'full disk': () => fullDisk(times(6)),
  'failing writes and syncs': () => failingCalls(times(12)),
  'clock jumps': () => clockJumps(times(15)),
  'slow readers': () => slowReaders(times(10)),
};

if (asked.only && !Object.keys(scenarios).some((name) => name.includes(asked.only))) {
  console.error(`--only ${asked.only} names none of: ${Object.keys(scenarios).join(', ')}`);
  process.exit(2);
}
console.log(`seed ${options.seed}, ${options.bin}`);
let failed = false;
for (const [name, run] of Object.entries(scenarios)) {
  if (asked.only && !name.includes(asked.only)) continue;
  const began = Date.now();
  const { figures, wrong } = await run();
  const told = Object.entries(figures).map(([what, value]) => `${value} ${what}`);
  console.log(`${wrong.length ? 'FAILED' : 'held  '}  ${name} (${Math.round((Date.now() - began) / 1000)} s): ${told.join(', ')}`);
  for (const text of wrong.slice(0, 20)) console.log(`        ${text}`);
  failed ||= wrong.length > 0;
}
process.exit(failed ? 1 : 0);
