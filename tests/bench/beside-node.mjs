// usage: node tests/bench/beside-node.mjs [MARU] [ROUNDS]; measures the release build beside Node's
// socket.io in one run, by turns, with the same load generator, and prints medians and ratios. For
// acknowledged posts the peer keeps each message in a redis-server with `appendfsync always`.
// Server CPU is user and system time of the server's processes while the load runs.
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
const rounds = Number(process.argv[3] ?? 3);
const run = promisify(execFile);

const loads = {
  burst: ["--clients", "1000", "--window", "16", "--messages", "2000"],
  paced: ["--clients", "1000", "--rate", "50", "--messages", "500"],
  posts: ["--clients", "1", "--window", "64", "--messages", "20000"],
  single: ["--clients", "1", "--window", "1", "--messages", "3000"],
  idle: ["--clients", "10000", "--idle"],
};
/** Loads whose point is durability: the peer has a Redis behind it. */
const durable = new Set(["posts", "single"]);

async function start(command, args, env, ready) {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "inherit"] });
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

/** The processes of one side, the one with the URL first. */
async function servers(which, load, data) {
  if (which === "maru") {
    const args = ["serve", "--listen", "127.0.0.1:0", "--signup", "open", "--log-level", "warn", "--data-dir", data];
    return [await start(maru, args, {}, /listening on (http:\S+)/)];
  }
  const behind = [];
  if (durable.has(load)) {
    const port = await freePort();
    const args = ["--port", port, "--bind", "127.0.0.1", "--dir", data, "--save", ""];
    args.push("--appendonly", "yes", "--appendfsync", "always");
    behind.push(await start("redis-server", args.map(String), {}, /(Ready to accept connections)/));
    behind[0].url = `redis://127.0.0.1:${port}`;
  }
  const env = { PORT: "0", ...(behind[0] && { REDIS_URL: behind[0].url }) };
  return [await start("node", [join(here, "node-socketio/server.js")], env, /listening on (http:\S+)/), ...behind];
}

/** User and system time of a process, in ticks of 10 ms. */
function cpuMs({ pid }) {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

// Fresh processes for each load, so that none pays for what another has left behind.
async function measure(which, load) {
  const data = mkdtempSync(join(tmpdir(), "maru-bench-"));
  const all = await servers(which, load, data);
  try {
    const more = which === "maru" ? [] : ["--no-setup"];
    const cpuBefore = all.map(cpuMs).reduce((a, b) => a + b);
    const { stdout } = await run(maru, ["bench", all[0].url, "--json", ...more, ...loads[load]]);
    const cpu = all.map(cpuMs).reduce((a, b) => a + b) - cpuBefore;
    const { memory, load: figures } = JSON.parse(stdout);
    if (load === "idle")
      return { megabytes: memory.connected_bytes / 1e6, each: memory.per_connection_bytes / 1e3 };
    const { deliveries_per_s, deliveries, posts, posts_per_s, delivery_ms, ack_ms } = figures;
    if (load === "posts") return { rate: posts_per_s, cpu: (cpu / posts) * 1e3 };
    if (load === "single") return { p50: ack_ms.p50, p99: ack_ms.p99 };
    const each = (cpu / deliveries) * 1e3;
    return load === "burst"
      ? { rate: deliveries_per_s, cpu: each }
      : { p50: delivery_ms.p50, p99: delivery_ms.p99, cpu: each };
  } finally {
    for (const server of all) await server.stop();
    rmSync(data, { recursive: true });
  }
}

const seen = {};
for (let round = 0; round < rounds; round++)
  for (const load of Object.keys(loads))
    for (const which of round % 2 ? ["node", "maru"] : ["maru", "node"])
      for (const [name, value] of Object.entries(await measure(which, load)))
        (((seen[load] ??= {})[name] ??= {})[which] ??= []).push(value);

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const rows = [
  ["burst", "rate", "deliveries/s, room of 1,000, 16 in flight", 0],
  ["burst", "cpu", "server CPU a delivery, the same, µs", 2],
  ["paced", "p50", "delivery at 50 posts/s, room of 1,000, p50 ms", 2],
  ["paced", "p99", "delivery at 50 posts/s, p99 ms", 2],
  ["paced", "cpu", "server CPU a delivery, the same, µs", 2],
  ["posts", "rate", "durable posts/s, 64 in flight", 0],
  ["posts", "cpu", "server CPU a durable post, µs", 1],
  ["single", "p50", "durable post, one at a time, p50 ms", 2],
  ["single", "p99", "durable post, one at a time, p99 ms", 2],
  ["idle", "megabytes", "10,000 idle sockets, MB in all", 1],
  ["idle", "each", "an idle socket, kB", 2],
];
console.log(`| median of ${rounds} | maru | node | ratio |\n|---|---|---|---|`);
for (const [load, name, title, digits] of rows) {
  const [ours, theirs] = ["maru", "node"].map((which) => median(seen[load][name][which]));
  const text = (value) => value.toLocaleString("en", { maximumFractionDigits: digits });
  console.log(`| ${title} | ${text(ours)} | ${text(theirs)} | ${(ours / theirs).toFixed(2)} |`);
}
