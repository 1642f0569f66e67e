// A Node Socket.IO server with the chat's events, to be measured beside maru. Nothing is behind it,
// or with REDIS_URL a Redis list to which each message is appended before it is acknowledged. With
// ADAPTER=1 it shares its rooms with others on that Redis (@socket.io/redis-adapter).
// usage: PORT=8090 node server.js; then: maru bench http://127.0.0.1:8090 --no-setup
import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-adapter";
import { createClient } from "redis";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http, { transports: ["websocket", "polling"], serveClient: false });
const store = process.env.REDIS_URL && (await createClient({ url: process.env.REDIS_URL }).connect());
if (process.env.ADAPTER) {
  const [pub, sub] = [store.duplicate(), store.duplicate()];
  await Promise.all([pub.connect(), sub.connect()]);
  io.adapter(createAdapter(pub, sub));
}
let seq = 0;

io.on("connection", (socket) => {
  socket.join(`room:${socket.handshake.auth.room_id}`);
  socket.on("message.send", async ({ room_id, text, client_id }, ack) => {
    const id = (seq += 1);
    const message = {
      id,
      room_id,
      author: { id: 1, username: "bench", display_name: "Bench" },
      text,
      sent_at: new Date().toISOString(),
      client_id,
      reactions: [],
      files: [],
      mentions: [],
      pinned: false,
    };
    // The client sends what waits together, so many messages share one append and one fsync.
    if (store) await store.rPush(`room:${room_id}`, JSON.stringify(message));
    io.to(`room:${room_id}`).emit("message.created", { seq: id, message });
    ack({ ok: true, message_id: id });
  });
});

http.listen(Number(process.env.PORT ?? 8090), "127.0.0.1", () =>
  console.log(`listening on http://127.0.0.1:${http.address().port}`),
);
