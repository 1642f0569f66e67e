import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'
import { chunks } from './src/build/chunks.ts'
import { compress } from './src/build/compress.ts'
import { emoji } from './src/build/emoji.ts'
import { preload } from './src/build/preload.ts'
import { worker } from './src/build/worker.ts'

// `npm run dev` serves the sources and sends everything else to a running server.
const server = process.env.MARU_URL ?? 'http://127.0.0.1:8080'

const parts = chunks()

/** What only administrators and people with programs see. */
const ADMIN =
  /src.(ui.(admin|programs|parts.(Table|Fields|Heading))|i18n.((ko|en).)?(admin|imports|programs|amount)|core.(csv|dashboard|figures))\b/

export default defineConfig({
  plugins: [react(), emoji(), parts.plugin, preload(), worker(), compress()],
  build: {
    target: 'es2022',
    // What the style sheets stand on: layers, light-dark(), anchors.
    cssTarget: ['chrome125', 'firefox129', 'safari18'],
    // The polyfill is an inline-less script, but every browser the app supports preloads modules.
    modulePreload: { polyfill: false },
    // Nothing is inlined as data: the content policy allows scripts and styles from files only.
    assetsInlineLimit: 0,
    // One small sheet: a second one would be another request before anything is seen.
    cssCodeSplit: false,
    rolldownOptions: {
      output: {
        // What the first page and a later one share is one file, not twenty of a few lines each.
        codeSplitting: {
          groups: [
            { name: 'base', test: parts.isBase, priority: 3 },
            { name: 'entry', test: parts.isEntry, priority: 2 },
            { name: 'writing', test: parts.isWriting, priority: 2 },
            {
              name: 'shared',
              // Not the list of emoji, which nobody needs before they open it.
              test: (id) =>
                !ADMIN.test(id) && /^(?!.*emoji).*(src.(core|i18n|ui)|es-hangul)/.test(id),
              minShareCount: 2,
              priority: 1,
            },
            // Administration and programs are one file with their words, whichever page is first.
            { name: 'admin', test: ADMIN, priority: 0 },
          ],
        },
      },
    },
  },
  server: {
    proxy: {
      '/api': server,
      '/socket.io': { target: server, ws: true },
    },
  },
  test: { include: ['src/**/*.test.{ts,tsx}'], environment: 'node' },
})
