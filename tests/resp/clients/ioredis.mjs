// ioredis against the port: commands, pipelines, transactions, messages, RESP3 and a reconnect.
import assert from 'node:assert/strict';
import Redis from 'ioredis';

const port = Number(process.argv[2]);
const redis = new Redis({ port, host: '127.0.0.1', maxRetriesPerRequest: 1 });
const listener = new Redis({ port, host: '127.0.0.1' });

await redis.flushall();
assert.equal(await redis.set('session:1', '{"user":1}', 'EX', 60), 'OK');
assert.equal(await redis.get('session:1'), '{"user":1}');
assert.ok((await redis.ttl('session:1')) > 50);
assert.equal(await redis.set('session:1', 'x', 'NX'), null);
assert.deepEqual(await redis.mget('session:1', 'none'), ['{"user":1}', null]);
assert.deepEqual(await redis.pipeline().incr('n').incr('n').get('n').exec(), [
  [null, 1],
  [null, 2],
  [null, '2'],
]);
assert.deepEqual(await redis.multi().set('a', '1').get('a').exec(), [
  [null, 'OK'],
  [null, '1'],
]);
await assert.rejects(redis.call('nonsense'), /unknown command/);
assert.equal(await redis.eval('return redis.call("incrby", KEYS[1], ARGV[1])', 1, 'counter', 5), 5);
redis.defineCommand('half', { numberOfKeys: 1, lua: 'return math.floor(redis.call("get", KEYS[1]) / 2)' });
assert.equal(await redis.half('counter'), 2);
await redis.del('counter');

const heard = new Promise((resolve) => {
  listener.on('message', (channel, message) => resolve([channel, message]));
});
assert.equal(await listener.subscribe('news'), 1);
assert.equal(await redis.publish('news', 'hello'), 1);
assert.deepEqual(await heard, ['news', 'hello']);
const matched = new Promise((resolve) => {
  listener.on('pmessage', (...all) => resolve(all));
});
await listener.psubscribe('n*s');
await redis.publish('nuts', 'bolts');
assert.deepEqual(await matched, ['n*s', 'nuts', 'bolts']);

const keys = [];
for await (const page of redis.scanStream({ match: 'session:*' })) keys.push(...page);
assert.deepEqual(keys, ['session:1']);

const again = new Promise((resolve) => redis.once('ready', resolve));
await listener.unsubscribe('news');
await listener.punsubscribe('n*s');
const id = await redis.client('ID');
assert.equal(await listener.client('KILL', 'ID', id), 1);
await again;
assert.equal(await redis.get('a'), '1');
redis.disconnect();
listener.disconnect();
console.log('well');
