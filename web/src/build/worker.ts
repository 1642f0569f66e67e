/** Builds the service worker into one file, with the list of what the shell is made of. */
import { createHash } from 'node:crypto'
import { rolldown } from 'rolldown'
import type { Plugin } from 'vite'

const SOURCE = 'src/sw/worker.ts'
/** The list of emoji and the highlighter of code are larger. */
const LARGE = 100_000
/** Besides what the page needs first. */
const ALSO = ['/icon.svg', '/icon-192.png', '/manifest.webmanifest']

export function worker(): Plugin {
  return {
    name: 'maru-worker',
    apply: 'build',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      async handler(_, bundle) {
        const listed = bundle['preload.json']
        if (listed?.type !== 'asset') this.error('preload.json comes first')
        const { member, guest, words } = JSON.parse(String(listed.source)) as {
          member: string[]
          guest: string[]
          words: Record<string, string>
        }
        const page = bundle['index.html']
        const html = page?.type === 'asset' ? String(page.source) : ''
        const named = [...html.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, file]) => file ?? '')
        // Whatever may be wanted without a network, but for what is large and seldom wanted.
        const late = Object.values(bundle)
          .filter((file) => file.type === 'chunk' && file.code.length < LARGE)
          .map(({ fileName }) => `/${fileName}`)
        const shell = [
          ...new Set([...named, ...member, ...guest, ...Object.values(words), ...late, ...ALSO]),
        ]
        const version = createHash('sha256').update(html).update(shell.join()).digest('hex')
        const build = await rolldown({
          input: SOURCE,
          transform: {
            define: { SHELL: JSON.stringify(shell), VERSION: JSON.stringify(version.slice(0, 12)) },
          },
        })
        const { output } = await build.generate({ format: 'iife', minify: true })
        await build.close()
        this.emitFile({ type: 'asset', fileName: 'sw.js', source: output[0].code })
      },
    },
  }
}
