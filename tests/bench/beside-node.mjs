// usage: node tests/bench/beside-node.mjs [MARU] [ROUNDS]; measures the release build beside Node's
// socket.io in one run, by turns, with the same load generator, and prints medians and ratios.
// Before: cargo build --release --locked && npm ci --prefix tests/bench/node-socketio
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const here = dirname(fileURLToPath(import.meta.url));
const maru = process.argv[2] ?? join(here, "../../target/release/maru");
const rounds = Number(process.argv[3] ?? 3);
const run = promisify(execFile);

const loads = {
  burst: ["--clients", "1000", "--window", "16", "--messages", "2000"],
  paced: ["--clients", "1000", "--rate", "50", "--messages", "500"],
  idle: ["--clients", "10000", "--idle"],
};

async function start(command, args, env, ready) {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "inherit"] });
  const url = await new Promise((resolve, reject) => {
    let out = "";
    child.once("exit", (code) => reject(new Error(`${command} ended with ${code}: ${out}`)));
    child.stdout.on("data", (data) => {
      out += data;
      const found = ready.exec(out);
      if (found) resolve(found[1]);
    });
  });
  return { url, stop: () => new Promise((resolve) => child.once("exit", resolve).kill()) };
}

// A fresh process for each load, so that none pays for what another has left behind.
async function measure(which, load) {
  const data = mkdtempSync(join(tmpdir(), "maru-bench-"));
  const server =
    which === "maru"
      ? await start(
          maru,
          ["serve", "--listen", "127.0.0.1:0", "--signup", "open", "--log-level", "warn", "--data-dir", data],
          {},
          /listening on (http:\S+)/,
        )
      : await start("node", [join(here, "node-socketio/server.js")], { PORT: "0" }, /listening on (http:\S+)/);
  try {
    const more = which === "maru" ? [] : ["--no-setup"];
    const { stdout } = await run(maru, ["bench", server.url, "--json", ...more, ...loads[load]]);
    const { memory, load: figures } = JSON.parse(stdout);
    if (load === "idle")
      return { megabytes: memory.connected_bytes / 1e6, each: memory.per_connection_bytes / 1e3 };
    const { deliveries_per_s: rate, delivery_ms: delivery } = figures;
    return load === "burst" ? { rate } : { p50: delivery.p50, p99: delivery.p99 };
  } finally {
    await server.stop();
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
  ["paced", "p50", "delivery at 50 posts/s, p50 ms", 2],
  ["paced", "p99", "delivery at 50 posts/s, p99 ms", 2],
  ["idle", "megabytes", "10,000 idle sockets, MB in all", 1],
  ["idle", "each", "an idle socket, kB", 2],
];
console.log(`| median of ${rounds} | maru | node | ratio |\n|---|---|---|---|`);
for (const [load, name, title, digits] of rows) {
  const [ours, theirs] = ["maru", "node"].map((which) => median(seen[load][name][which]));
  const text = (value) => value.toLocaleString("en", { maximumFractionDigits: digits });
  console.log(`| ${title} | ${text(ours)} | ${text(theirs)} | ${(ours / theirs).toFixed(2)} |`);
}
