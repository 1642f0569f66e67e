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
socket.onAny((name, ...args) => tell({ is: "event", name, args }));

const commands = {
  emit: ([name, ...args]) => socket.emit(name, ...args),
  ask: async ([name, ...args]) => tell({ is: "answer", args: await socket.emitWithAck(name, ...args) }),
  // Without a word to the server, as a network goes.
  cut: () => socket.io.engine.transport.ws?.terminate() ?? socket.io.engine.close(),
  leave: () => socket.disconnect(),
  join: () => socket.connect(),
  forge: ({ pid, offset }) => {
    if (pid !== undefined) socket._pid = pid;
    if (offset !== undefined) socket._lastOffset = offset;
    tell({ is: "forged", pid: socket._pid ?? null });
  },
};

createInterface({ input: process.stdin })
  .on("line", (line) => {
    for (const [name, value] of Object.entries(JSON.parse(line))) commands[name](value);
  })
  .on("close", () => process.exit(0));
