// Reads the files for containers as those who run containers read them, without any: the grammar and the
// pitfalls of the Containerfile, what the compose files name, and the promises of the image.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { validate } from 'dockerfile-utils'
import { parseDocument } from 'yaml'

const here = dirname(fileURLToPath(import.meta.url))
const packaging = resolve(here, '..')
const wrong = []
const read = (path) => readFileSync(join(packaging, path), 'utf8')

const file = read('Containerfile')
for (const found of validate(file)) {
  wrong.push(`Containerfile:${found.range.start.line + 1}: ${found.message}`)
}
const lines = file.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
const last = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')))
const has = (what, pattern) => {
  if (!last.some((line) => pattern.test(line))) wrong.push(`Containerfile: the image has no ${what}`)
}
has('user who is not root', /^USER [1-9]\d*:[1-9]\d*$/)
has('health check', /^HEALTHCHECK CMD \["/)
has('signal to stop by', /^STOPSIGNAL SIGTERM$/)
has('entry point without a shell', /^ENTRYPOINT \["/)
has('volume', /^VOLUME /)
for (const line of lines.filter((line) => /^COPY (?!--from)/.test(line))) {
  const [from] = line.replace(/^COPY (--\S+ )*/, '').split(' ')
  if (!existsSync(resolve(packaging, '..', from))) wrong.push(`Containerfile: ${from} is not there`)
}

for (const path of ['compose.yaml', 'cluster/compose.yml']) {
  const document = parseDocument(read(path), { merge: true })
  for (const error of [...document.errors, ...document.warnings]) wrong.push(`${path}: ${error.message}`)
  const { services = {}, volumes = {} } = document.toJS()
  for (const [name, service] of Object.entries(services)) {
    const known = new Set(
      'build image ports volumes read_only cap_drop security_opt restart command environment depends_on networks healthcheck tmpfs expose stop_grace_period deploy configs secrets entrypoint user init hostname ulimits'.split(' '),
    )
    for (const key of Object.keys(service)) {
      if (!known.has(key)) wrong.push(`${path}: services.${name}.${key} is no key of a service`)
    }
    if (service.image === undefined && service.build === undefined) {
      wrong.push(`${path}: services.${name} has neither image nor build`)
    }
    const context = service.build?.context
    const dockerfile = service.build?.dockerfile
    if (context !== undefined && dockerfile !== undefined) {
      const at = resolve(packaging, dirname(path), context, dockerfile)
      if (!existsSync(at)) wrong.push(`${path}: services.${name}: ${dockerfile} is not there`)
    }
    for (const volume of service.volumes ?? []) {
      const source = typeof volume === 'string' ? volume.split(':')[0] : volume.source
      const isPath = /^[./~]/.test(source)
      if (isPath && !existsSync(resolve(packaging, dirname(path), source))) {
        wrong.push(`${path}: services.${name}: ${source} is not there`)
      }
      if (!isPath && !(source in (volumes ?? {}))) {
        wrong.push(`${path}: services.${name}: no volume ${source}`)
      }
    }
    for (const other of Object.keys(Array.isArray(service.depends_on) ? {} : (service.depends_on ?? {}))) {
      if (!(other in services)) wrong.push(`${path}: services.${name} waits for ${other}, which is none`)
    }
  }
}

if (wrong.length > 0) {
  console.error(wrong.join('\n'))
  process.exit(1)
}
console.log('containers: the files can be read, and name what is there; no image was built')
