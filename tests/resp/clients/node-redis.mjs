// node-redis against the port, in both protocols.
import assert from 'node:assert/strict';
import { createClient } from 'redis';

const port = Number(process.argv[2]);
for (const RESP of [2, 3]) {
  const redis = createClient({ RESP, socket: { port, host: '127.0.0.1' } });
  redis.on('error', (error) => {
    throw error;
  });
  await redis.connect();
  await redis.flushAll();
  assert.equal(await redis.set('key', 'value', { EX: 60, NX: true }), 'OK');
  assert.equal(await redis.get('key'), 'value');
  assert.ok((await redis.ttl('key')) > 50);
  assert.equal(await redis.incrBy('n', 41), 41);
  assert.deepEqual(await redis.multi().incr('n').get('n').exec(), [42, '42']);
  const keys = [];
  for await (const page of redis.scanIterator({ MATCH: 'k*' })) keys.push(...page);
  assert.deepEqual(keys, ['key']);

  const listener = redis.duplicate();
  await listener.connect();
  const heard = new Promise((resolve) => {
    listener.subscribe('news', (message, channel) => resolve([channel, message])).then(() => {
      return redis.publish('news', 'hello');
    });
  });
  assert.deepEqual(await heard, ['news', 'hello']);
  await listener.unsubscribe('news');
  await listener.close();

  const watcher = redis.duplicate();
  await watcher.connect();
  await watcher.watch('n');
  await redis.set('n', '1');
  await assert.rejects(watcher.multi().get('n').exec(), /WatchError|watched/i);
  await watcher.close();
  await redis.close();
}
console.log('well');
