// usage: node comeback.mjs MARU [CLIENTS] [MESSAGES]; all clients were away while messages were
// posted and the server was killed: how long until each is back and has heard everything?
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket } from "ws";

const maru = process.argv[2];
const clients = Number(process.argv[3] ?? 5000);
const messages = Number(process.argv[4] ?? 20);
const data = mkdtempSync(join(tmpdir(), "maru-comeback-"));
let port = 0;

async function serve() {
  const args = ["serve", "--listen", `127.0.0.1:${port}`, "--signup", "open", "--log-level", "warn", "--data-dir", data];
  const child = spawn(maru, args, { stdio: ["ignore", "pipe", "inherit"] });
  const out = await new Promise((resolve) => child.stdout.once("data", (text) => resolve(String(text))));
  port = Number(/:(\d+)\s/.exec(out)[1]);
  return child;
}

async function post(path, body, token) {
  const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) };
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

// Resolves when the client has heard `wanted` messages, with what `ready` said.
const client = (auth, wanted) =>
  new Promise((resolve, reject) => {
    let heard = 0;
    let ready;
    const headers = { "user-agent": "comeback" };
    const ws = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`, { headers, perMessageDeflate: false });
    ws.on("error", reject).on("message", (data) => {
      const text = String(data);
      if (text === "2") ws.send("3");
      else if (text.startsWith("0{")) ws.send(`40${JSON.stringify(auth)}`);
      else if (text.startsWith('42["ready"')) ready = JSON.parse(text.slice(2))[1];
      else if (text.startsWith('42["message.created"')) heard += 1;
      else if (text.startsWith('42["resync"') || text.startsWith("44")) reject(new Error(text));
      if (ready && heard >= wanted) resolve({ ws, ready, heard });
    });
  });

let server = await serve();
const { token } = await post("/signup", { username: "bench", password: "a password for the bench" });
const room = await post("/rooms", { name: "bench" }, token);
const first = await client({ token }, 0);
await new Promise((resolve) => setTimeout(resolve, 500));
const { epoch, seq: since } = (await client({ token }, 0)).ready;
for (let n = 0; n < messages; n++) await post(`/rooms/${room.id}/messages`, { text: `message ${n}` }, token);
server.kill("SIGKILL");
await new Promise((resolve) => server.once("exit", resolve));
first.ws.removeAllListeners("error").on("error", () => {});
server = await serve();
const begun = performance.now();
const back = await Promise.all(Array.from({ length: clients }, () => client({ token, epoch, since }, messages)));
const seconds = (performance.now() - begun) / 1000;
const twice = back.filter(({ heard }) => heard !== messages).length;
console.log(`${clients} clients back and caught up with ${messages} messages each after ${seconds.toFixed(2)} s; ${twice} heard another number`);
server.kill("SIGKILL");
await new Promise((resolve) => server.once("exit", resolve));
rmSync(data, { recursive: true });
process.exit(0);
