/** Compresses what was built once, as small as it gets; the server hands out these files. */
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants } from 'node:zlib'
import type { Plugin } from 'vite'

const brotli = promisify(brotliCompress)
/** Smaller files gain nothing. */
const WORTH_BYTES = 1_024

export function compress(): Plugin {
  let folder = ''
  return {
    name: 'maru-compress',
    apply: 'build',
    configResolved(config) {
      folder = join(config.root, config.build.outDir)
    },
    async closeBundle() {
      for (const name of await readdir(folder, { recursive: true })) {
        if (!/\.(js|css|html|svg|json|webmanifest)$/.test(name)) continue
        const file = join(folder, name)
        const { size } = await stat(file)
        if (size < WORTH_BYTES) continue
        const params = {
          [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
          [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
          [constants.BROTLI_PARAM_SIZE_HINT]: size,
        }
        await writeFile(`${file}.br`, await brotli(await readFile(file), { params }))
      }
    },
  }
}
