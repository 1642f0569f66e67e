// As much of a Redis client as an emitter needs: PUBLISH over RESP2.
import { createConnection } from "node:net";

export async function connect(url) {
  const { hostname, port } = new URL(url);
  const socket = createConnection({ host: hostname, port: Number(port) });
  await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  // Refusals are for the one who runs it.
  socket.on("data", (answer) => answer[0] === 0x2d && process.stderr.write(answer));
  const bulk = (data) => Buffer.concat([Buffer.from(`$${data.length}\r\n`), data, Buffer.from("\r\n")]);
  return {
    publish(channel, message) {
      const parts = ["PUBLISH", channel, message].map((part) => bulk(Buffer.from(part)));
      socket.write(Buffer.concat([Buffer.from(`*${parts.length}\r\n`), ...parts]));
    },
  };
}
