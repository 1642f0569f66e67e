// usage: node tests/bench/cluster.mjs [MARU] [ROUNDS]; measures two nodes on one Redis (AOF everysec)
// beside two processes of Node's socket.io with @socket.io/redis-adapter on another one, in one run, by
// turns, with the same load generator, and prints medians and ratios. The peer keeps each message in a
// list of its Redis. Server CPU is user and system time of the servers and the Redis while the load runs.
// Before: make dist && npm ci --prefix tests/bench/node-socketio; redis-server on the PATH
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const here = dirname(fileURLToPath(import.meta.url));
const maru = process.argv[2] ?? join(here, "../../target/dist/maru");
const bench = process.env.MARU_BENCH ?? maru;
const rounds = Number(process.argv[3] ?? 3);
const run = promisify(execFile);

const loads = {
  single: ["--clients", "2", "--window", "1", "--messages", "3000"],
  posts: ["--clients", "2", "--window", "64", "--messages", "20000"],
  burst: ["--clients", "1000", "--window", "16", "--messages", "2000"],
};

async function start(command, args, env, ready) {
  const child = spawn(command, args.map(String), { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "inherit"] });
  const found = await new Promise((resolve, reject) => {
    let out = "";
    child.once("exit", (code) => reject(new Error(`${command} ended with ${code}: ${out}`)));
    child.stdout.on("data", (data) => {
      out += data;
      const found = ready.exec(out);
      if (found) resolve(found[1]);
    });
  });
  return { url: found, pid: child.pid, stop: () => new Promise((resolve) => child.once("exit", resolve).kill()) };
}

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/** Two servers and what is behind them; `alone`: one server of Maru without a Redis. */
async function servers(which, data) {
  if (which === "alone") return [await start(maru, serve(data), {}, /listening on (http:\S+)/)];
  const port = await freePort();
  const kept = ["--save", "", "--appendonly", "yes", "--appendfsync", "everysec"];
  const place = ["--port", port, "--bind", "127.0.0.1", "--dir", data];
  const redis = await start("redis-server", [...place, ...kept], {}, /(Ready to accept connections)/);
  const url = `redis://127.0.0.1:${port}`;
  const all = [];
  for (const name of ["a", "b"]) {
    const server =
      which === "maru"
        ? start(maru, [...serve(join(data, name)), "--redis-url", url, "--node-name", name], {}, /listening on (http:\S+)/)
        : start("node", [join(here, "node-socketio/server.js")], { PORT: "0", REDIS_URL: url, ADAPTER: "1" }, /listening on (http:\S+)/);
    all.push(await server);
  }
  return [...all, redis];
}

const serve = (data) => ["serve", "--listen", "127.0.0.1:0", "--signup", "open", "--log-level", "warn", "--data-dir", data];

function cpuMs({ pid }) {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function measure(which, load) {
  const data = mkdtempSync(join(tmpdir(), "maru-bench-"));
  const all = await servers(which, data);
  try {
    const also = which === "alone" ? [] : ["--also", all[1].url];
    const more = which === "node" ? ["--no-setup"] : [];
    const before = all.map(cpuMs);
    const { stdout } = await run(bench, ["bench", all[0].url, "--json", ...also, ...more, ...loads[load]]);
    const [first, second = 0, redis = 0] = all.map((server, n) => cpuMs(server) - before[n]);
    const { posts, posts_per_s, deliveries_per_s, ack_ms, elsewhere_ms, delivery_ms } = JSON.parse(stdout).load;
    const far = elsewhere_ms ?? delivery_ms;
    if (load === "single") return { ack: ack_ms.p50, p50: far.p50, p99: far.p99 };
    const each = (cpu) => (cpu / posts) * 1e3;
    if (load === "posts") return { rate: posts_per_s, first: each(first), second: each(second), redis: each(redis) };
    return { rate: deliveries_per_s };
  } finally {
    for (const server of all) await server.stop();
    rmSync(data, { recursive: true });
  }
}

const seen = {};
for (let round = 0; round < rounds; round++)
  for (const load of Object.keys(loads))
    for (const which of round % 2 ? ["node", "alone", "maru"] : ["maru", "alone", "node"])
      for (const [name, value] of Object.entries(await measure(which, load)))
        (((seen[load] ??= {})[name] ??= {})[which] ??= []).push(value);

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const rows = [
  ["single", "p50", "a post on one node is on a socket of the other, p50 ms", 2],
  ["single", "p99", "the same, p99 ms", 2],
  ["single", "ack", "acknowledged, one at a time, p50 ms", 2],
  ["posts", "rate", "posts/s, 64 in flight", 0],
  ["posts", "first", "CPU of the node that takes them, µs a post", 1],
  ["posts", "second", "CPU of the other node, µs a post", 1],
  ["posts", "redis", "CPU of the Redis, µs a post", 1],
  ["burst", "rate", "deliveries/s, 1,000 sockets on all nodes, 16 in flight", 0],
];
console.log(`| median of ${rounds} | two nodes | two Node processes | ratio | one server |\n|---|---|---|---|---|`);
for (const [load, name, title, digits] of rows) {
  const [ours, theirs, alone] = ["maru", "node", "alone"].map((which) => median(seen[load][name][which]));
  const text = (value) => value.toLocaleString("en", { maximumFractionDigits: digits });
  console.log(`| ${title} | ${text(ours)} | ${text(theirs)} | ${(ours / theirs).toFixed(2)} | ${text(alone)} |`);
}
