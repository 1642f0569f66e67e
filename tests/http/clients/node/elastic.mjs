// The official JavaScript clients of Elasticsearch, versions 8 and 9: address, token.
import assert from 'node:assert/strict'
import { Client as Client8 } from 'elastic8'
import { Client as Client9 } from 'elastic9'

const [node, token] = process.argv.slice(2)
const at = '2026-01-02T03:04:05.000Z'

for (const [version, Client] of [
  [8, Client8],
  [9, Client9],
]) {
  for (const auth of [{ bearer: token }, { apiKey: token }, { username: 'shipper', password: token }]) {
    const info = await new Client({ node, auth }).info()
    assert.equal(info.tagline, 'You Know, for Search')
    assert.equal(Number(info.version.number.split('.')[0]), version)
  }
  const es = new Client({ node, auth: { bearer: token }, maxRetries: 0 })
  const id = `one-of-${version}`
  const message = `disk is full says ${version}`
  const done = await es.index({ index: 'logs', id, document: { '@timestamp': at, message, host: { name: 'a' } } })
  assert.equal(done.result, 'created')
  assert.equal(done._id, id)
  const again = await es.index({ index: 'logs', id, document: { '@timestamp': at, message } })
  assert.notEqual(again.result, 'created')

  const lines = Array.from({ length: 250 }, (_, n) => ({ message: `line${version} ${n}`, '@timestamp': at }))
  const sent = await es.helpers.bulk({
    datasource: lines,
    flushBytes: 4096,
    onDocument: () => ({ create: { _index: 'logs-2026.01.02' } }),
  })
  assert.deepEqual([sent.total, sent.failed, sent.successful], [250, 0, 250])
  const dropped = []
  const lost = await es.helpers.bulk({
    datasource: [{ message: 'x' }],
    retries: 0,
    onDocument: () => ({ index: { _index: 'nowhere' } }),
    onDrop: (one) => dropped.push(one.status),
  })
  assert.deepEqual([lost.failed, dropped], [1, [404]])

  const both = {
    bool: {
      must: [{ match: { message: `line${version}` } }],
      filter: [{ range: { '@timestamp': { gte: '2026-01-01' } } }],
    },
  }
  const found = await es.search({ index: 'logs', query: both, size: 5 })
  assert.equal(found.hits.total.value, 250)
  assert.equal(found.hits.hits.length, 5)
  assert.equal(found.hits.hits[0]._source['@timestamp'].slice(0, 19), at.slice(0, 19))
  const byText = await es.search({ index: 'logs', q: `line${version}`, size: 3 })
  assert.equal(byText.hits.hits.length, 3)
  for (const [asked, name] of [
    [{ query: { fuzzy: { message: 'x' } } }, 'fuzzy'],
    [{ aggs: { a: { terms: { field: 'host' } } } }, 'aggs'],
  ]) {
    const refused = await es.search({ index: 'logs', ...asked }).catch((error) => error)
    assert.equal(refused.statusCode ?? refused.meta?.statusCode, 400, `${refused}`)
    assert.match(JSON.stringify(refused.meta.body), new RegExp(name))
  }
  const wrong = new Client({ node, auth: { bearer: 'maru_pat_wrong' }, maxRetries: 0 })
  const refused = await wrong.index({ index: 'logs', document: { message: 'x' } }).catch((error) => error)
  assert.equal(refused.meta?.statusCode, 401, `${refused}`)
}
console.log('well')
