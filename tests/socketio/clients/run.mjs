// usage: node run.mjs URL TRANSPORTS; every scenario of the official client against the echo server.
import assert from "node:assert/strict";
import { Manager, io } from "socket.io-client";

const [url, list] = process.argv.slice(2);
const transports = list.split(",");
const options = { transports, forceNew: true, reconnectionDelay: 10, reconnectionDelayMax: 50 };

const once = (emitter, event) =>
  new Promise((resolve) => emitter.once(event, (...args) => resolve(args)));

const scenarios = {
  async "connects with its auth payload"() {
    const socket = io(url, { ...options, auth: { token: "한글" } });
    const [auth] = await once(socket, "auth");
    assert.deepEqual(auth, { token: "한글" });
    assert.ok(socket.id);
    return [socket];
  },

  async "is upgraded where it may be"() {
    const socket = io(url, options);
    const wanted = transports.at(-1);
    await once(socket, "connect");
    if (socket.io.engine.transport.name !== wanted) await once(socket.io.engine, "upgrade");
    assert.equal(socket.io.engine.transport.name, wanted);
    const [back] = await Promise.all([once(socket, "message-back"), socket.emit("message", "after")]);
    assert.deepEqual(back, ["after"]);
    return [socket];
  },

  async "echoes everything JSON can say, in order"() {
    const socket = io(url, options);
    const values = [1, "둘", null, true, { nested: [{ deep: "💬" }] }, [], "\u2028 \" \\ \x1e"];
    const got = [];
    const all = new Promise((resolve) =>
      socket.on("message-back", (...args) => got.push(args) === 200 && resolve()),
    );
    for (let n = 0; n < 200; n++) socket.emit("message", n, ...values);
    await all;
    got.forEach((args, n) => assert.deepEqual(args, [n, ...values]));
    return [socket];
  },

  async "carries binary both ways"() {
    const socket = io(url, options);
    const small = Buffer.from([1, 2, 3]);
    const large = Buffer.alloc(100_000, 7);
    socket.emit("message", { small, list: [large] }, "text");
    const [object, text] = await once(socket, "message-back");
    assert.deepEqual(Buffer.from(object.small), small);
    assert.deepEqual(Buffer.from(object.list[0]), large);
    assert.equal(text, "text");
    const back = await socket.emitWithAck("message-with-ack", small);
    assert.deepEqual(Buffer.from(back), small);
    return [socket];
  },

  async "is acknowledged, many at a time"() {
    const socket = io(url, options);
    const answers = await Promise.all(
      Array.from({ length: 300 }, (_, n) => socket.timeout(5000).emitWithAck("later", n % 9)),
    );
    answers.forEach((answer, n) => assert.equal(answer, n % 9));
    return [socket];
  },

  async "answers the server's questions"() {
    const socket = io(url, options);
    socket.on("question", (number, answer) => answer({ number }, Buffer.from("bytes")));
    const reply = await new Promise((resolve) => socket.emit("ask", (...args) => resolve(args)));
    assert.deepEqual(reply[0], { number: 1 });
    assert.equal(Buffer.from(reply[1]).toString(), "bytes");
    return [socket];
  },

  async "joins namespaces on one connection"() {
    const manager = new Manager(url, options);
    const [main, custom] = [manager.socket("/"), manager.socket("/custom")];
    await Promise.all([once(main, "auth"), once(custom, "auth")]);
    custom.emit("message", "here");
    assert.deepEqual(await once(custom, "message-back"), ["here"]);
    custom.disconnect();
    main.emit("message", "still here");
    assert.deepEqual(await once(main, "message-back"), ["still here"]);
    return [main];
  },

  async "hears why it was refused"() {
    const socket = io(`${url}/closed`, options);
    const [error] = await once(socket, "connect_error");
    assert.equal(error.message, "not you");
    assert.deepEqual(error.data, { code: "unauthorized" });
    const nowhere = io(`${url}/nowhere`, options);
    const [other] = await once(nowhere, "connect_error");
    assert.equal(other.message, "Invalid namespace");
    return [socket, nowhere];
  },

  async "is put out by the server"() {
    const socket = io(url, options);
    await once(socket, "connect");
    socket.emit("close-me");
    assert.equal((await once(socket, "disconnect"))[0], "io server disconnect");
    return [socket];
  },

  async "comes back after its connection broke"() {
    const socket = io(url, options);
    await once(socket, "connect");
    const first = socket.id;
    socket.io.engine.close();
    await once(socket, "connect");
    assert.notEqual(socket.id, first);
    socket.emit("message", "again");
    assert.deepEqual(await once(socket, "message-back"), ["again"]);
    return [socket];
  },
};

for (const [name, scenario] of Object.entries(scenarios)) {
  const late = setTimeout(() => {
    console.error(`${name}: nothing happened for 8 s`);
    process.exit(1);
  }, 8000);
  try {
    for (const socket of await scenario()) socket.disconnect();
  } catch (error) {
    console.error(name, error);
    process.exit(1);
  }
  clearTimeout(late);
  console.log("ok", name);
}
console.log("all well");
process.exit(0);
