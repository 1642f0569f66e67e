/**
 * Tells the server what a page asks for next: the files of a member's and of a guest's half of the
 * app and the catalogue of each language, so that all of them come in one round trip.
 */
import type { Plugin } from 'vite'

interface Chunk {
  type: 'chunk'
  fileName: string
  facadeModuleId: string | null
  imports: string[]
  viteMetadata?: { importedCss: Set<string> }
}

const parts = { member: 'src/ui/SignedIn.tsx', guest: 'src/ui/entry/Entry.tsx' }
const words = { ko: 'src/i18n/ko.ts', en: 'src/i18n/en.ts' }

export function preload(): Plugin {
  return {
    name: 'maru-preload',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const chunks = Object.values(bundle).filter((file) => file.type === 'chunk') as Chunk[]
        const named = new Map(chunks.map((chunk) => [chunk.fileName, chunk]))
        const needs = (chunk: Chunk, seen = new Set<string>()): Set<string> => {
          if (seen.has(chunk.fileName)) return seen
          seen.add(chunk.fileName)
          for (const css of chunk.viteMetadata?.importedCss ?? []) seen.add(css)
          for (const name of chunk.imports) {
            const next = named.get(name)
            if (next) needs(next, seen)
          }
          return seen
        }
        // What the page names by itself.
        const page = bundle['index.html']
        const html = page?.type === 'asset' ? String(page.source) : ''
        const known = new Set(chunks.map((c) => c.fileName).filter((name) => html.includes(name)))
        const files = (module: string): string[] => {
          const chunk = chunks.find(({ facadeModuleId: id }) => id?.endsWith(module))
          if (!chunk) this.error(`${module} has no chunk of its own`)
          return [...needs(chunk)].filter((file) => !known.has(file)).map((file) => `/${file}`)
        }
        const listed = (modules: Record<string, string>) =>
          Object.entries(modules).map(([name, module]) => [name, files(module)] as const)
        const source = JSON.stringify({
          ...Object.fromEntries(listed(parts)),
          words: Object.fromEntries(listed(words).map(([name, [file]]) => [name, file])),
        })
        this.emitFile({ type: 'asset', fileName: 'preload.json', source })
      },
    },
  }
}
