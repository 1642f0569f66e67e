// usage: node driver.mjs URL OPTIONS; one official client that does what its stdin says, a line of
// JSON each, and tells on its stdout what happens to it.
import { createInterface } from "node:readline";
import { io } from "socket.io-client";

const [url, options] = process.argv.slice(2);
const tell = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);
const socket = io(url, {
  forceNew: true,
  reconnectionDelay: 20,
  reconnectionDelayMax: 200,
  ...JSON.parse(options),
});

socket.on("connect", () =>
  tell({ is: "connect", id: socket.id, recovered: socket.recovered === true, transport: socket.io.engine.transport.name }),
);
socket.on("disconnect", (reason) => tell({ is: "disconnect", reason }));
socket.on("connect_error", (error) => tell({ is: "connect_error", message: error.message, data: error.data ?? null }));
// What events that ask are answered with.
let answer = null;
const special = (value) => JSON.parse(JSON.stringify(value), (_, v) => (v?.$bytes ? Buffer.from(v.$bytes) : v));
socket.onAny((name, ...args) => {
  const ack = typeof args.at(-1) === "function" ? args.pop() : null;
  tell({ is: "event", name, args });
  if (answer !== null) ack?.(special(answer));
});

const commands = {
  emit: ([name, ...args]) => socket.emit(name, ...args),
  ask: async ([name, ...args]) => tell({ is: "answer", args: await socket.emitWithAck(name, ...args) }),
  // Without a word to the server, as a network goes.
  cut: () => socket.io.engine.transport.ws?.terminate() ?? socket.io.engine.close(),
  answers: (value) => (answer = value),
  leave: () => socket.disconnect(),
  join: () => socket.connect(),
  forge: ({ pid, offset }) => {
    if (pid !== undefined) socket._pid = pid;
    if (offset !== undefined) socket._lastOffset = offset;
    tell({ is: "forged", pid: socket._pid ?? null, offset: socket._lastOffset ?? null });
  },
};

createInterface({ input: process.stdin })
  .on("line", (line) => {
    for (const [name, value] of Object.entries(JSON.parse(line))) commands[name](value);
  })
  .on("close", () => process.exit(0));
