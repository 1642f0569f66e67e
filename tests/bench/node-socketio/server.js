// A Node Socket.IO server with the chat's events and nothing behind them, to be measured beside maru.
// usage: PORT=8090 node server.js; then: maru bench http://127.0.0.1:8090 --no-setup
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http, { transports: ["websocket", "polling"], serveClient: false });
let seq = 0;

io.on("connection", (socket) => {
  socket.join(`room:${socket.handshake.auth.room_id}`);
  socket.on("message.send", ({ room_id, text, client_id }, ack) => {
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
    io.to(`room:${room_id}`).emit("message.created", { seq: id, message });
    ack({ ok: true, message_id: id });
  });
});

http.listen(Number(process.env.PORT ?? 8090), "127.0.0.1", () =>
  console.log(`listening on http://127.0.0.1:${http.address().port}`),
);
