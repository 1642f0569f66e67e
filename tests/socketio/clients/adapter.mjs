// usage: node adapter.mjs REDIS_URL [FORM] [SERVERS]; a Node server with the Redis adapter of that form on
// that Redis (`classic`, `sharded`, `streams`, `streams-sharded`), told what to do line by line:
// {"of","in":[…],"except":[…],"timeout","do":"fetchSockets","args":[…]}. Waits for so many servers in all,
// itself among them, says `ready`, then a line of JSON for each: {"ok":…} or {"error":…}.
import { createInterface } from "node:readline";
import { Server } from "socket.io";
import { createAdapter, createShardedAdapter } from "@socket.io/redis-adapter";
import { createAdapter as createStreamsAdapter } from "@socket.io/redis-streams-adapter";
import { createClient } from "redis";

const [url, form = "classic", servers = "2"] = process.argv.slice(2);
// The streams adapter reads the answers of RESP2.
const pub = createClient({ url, RESP: 2 });
const sub = pub.duplicate();
await Promise.all([pub.connect(), sub.connect()]);
const forms = {
  classic: () => createAdapter(pub, sub, { requestsTimeout: 60_000 }),
  sharded: () => createShardedAdapter(pub, sub),
  streams: () => createStreamsAdapter(pub),
  "streams-sharded": () => createStreamsAdapter(pub, { useShardedPubSub: true }),
};
const server = new Server({ adapter: forms[form]() });
// The adapters subscribe without waiting.
const namespaces = { "/": server.of("/"), "/admin": server.of("/admin") };
for (const name of Object.keys(namespaces)) {
  const count = form.endsWith("sharded") ? "SHARDNUMSUB" : "NUMSUB";
  const channel = form === "classic" ? `socket.io-request#${name}#` : `socket.io#${name}#`;
  while ((await pub.sendCommand(["PUBSUB", count, channel]))[1] < Number(servers)) await new Promise(setImmediate);
}
const tell = (what) => console.log(JSON.stringify(what));
tell("ready");

const plain = (value) => {
  if (value instanceof Set) return [...value];
  if (Array.isArray(value)) return value.map(plain);
  if (value?.handshake) return { id: value.id, rooms: [...value.rooms], data: value.data, handshake: value.handshake };
  return value ?? null;
};

const asked = ({ of, in: rooms, except, timeout, do: what, args = [] }) => {
  let target = namespaces[of ?? "/"];
  if (what === "allRooms" || what === "serverCount") return target.adapter[what]();
  if (rooms) target = target.in(rooms);
  if (except) target = target.except(except);
  if (timeout) target = target.timeout(timeout);
  return target[what](...args);
};

createInterface({ input: process.stdin })
  .on("line", async (line) => {
    try {
      tell({ ok: plain(await asked(JSON.parse(line))) });
    } catch (error) {
      tell({ error: error.message, responses: error.responses ?? null });
    }
  })
  .on("close", () => process.exit(0));
