// usage: node crowd.mjs URL TOKEN CLIENTS MESSAGES; official clients that know nothing but connection
// state recovery. Says `ready` when all are there, and at the end what each of them heard, in order.
import { io } from "socket.io-client";

const [url, token, clients, messages] = process.argv.slice(2);
let there = 0;
let done = 0;

for (let n = 0; n < Number(clients); n++) {
  const transports = n % 4 === 3 ? ["polling", "websocket"] : ["websocket"];
  const options = { auth: { token }, transports, forceNew: true, reconnectionDelay: 20, reconnectionDelayMax: 200 };
  const socket = io(url, { ...options, timeout: 5000 });
  const heard = [];
  let isNew = true;
  socket.on("ready", () => {
    if (!isNew) return;
    isNew = false;
    if (++there === Number(clients)) console.log("ready");
  });
  socket.on("connect", () => {
    if (!isNew && !socket.recovered) console.log(`client ${n} did not recover`);
  });
  socket.on("message.created", ({ message }) => {
    heard.push(message.id);
    if (heard.length < Number(messages)) return;
    console.log(`heard ${JSON.stringify(heard)}`);
    if (++done === Number(clients)) console.log("done");
  });
}

process.stdin.resume().on("close", () => process.exit(0));
