// usage: node emitter.mjs [REDIS_URL]; @socket.io/redis-emitter, told what to do line by line:
// {"of","to":[…],"except":[…],"volatile","do":"emit","args":[…]}. It publishes to the Redis of the URL;
// without one it prints what it would have published, the channel and the message as hexadecimals.
import { createInterface } from "node:readline";
import { Emitter } from "@socket.io/redis-emitter";
import { connect } from "./resp.mjs";

const url = process.argv[2];
const client = url
  ? await connect(url)
  : { publish: (channel, message) => console.log(`${channel} ${Buffer.from(message).toString("hex")}`) };
const emitter = new Emitter(client);

// What JSON cannot say.
const special = (value) => {
  if (value?.$date) return new Date(value.$date);
  if (value?.$bytes) return Buffer.from(value.$bytes);
  return value;
};

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const { of, to, except, volatile, do: what, args } = JSON.parse(line);
    let target = of ? emitter.of(of) : emitter;
    if (to) target = target.to(to);
    if (except) target = target.except(except);
    if (volatile) target = target.volatile;
    target[what](...args.map(special));
  })
  .on("close", () => process.exit(0));
