// usage: node adapter.mjs REDIS_URL; a Node server with @socket.io/redis-adapter on that Redis, told
// what to do line by line: {"of","in":[…],"except":[…],"timeout","do":"fetchSockets","args":[…]}. Says `ready`, then
// a line of JSON for each: {"ok":…} or {"error":…}.
import { createInterface } from "node:readline";
import { Server } from "socket.io";
import { createAdapter } from "@socket.io/redis-adapter";
import { createClient } from "redis";

const pub = createClient({ url: process.argv[2] });
const sub = pub.duplicate();
await Promise.all([pub.connect(), sub.connect()]);
const server = new Server({ adapter: createAdapter(pub, sub, { requestsTimeout: 60_000 }) });
// The adapters subscribe without waiting.
const namespaces = { "/": server.of("/"), "/admin": server.of("/admin") };
for (const name of Object.keys(namespaces)) {
  const channel = `socket.io-request#${name}#`;
  // This server and the one under test.
  while ((await pub.pubSubNumSub([channel]))[channel] < 2) await new Promise(setImmediate);
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
  if (what === "allRooms") return target.adapter.allRooms();
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
