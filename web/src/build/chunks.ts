/**
 * Which modules are one file. What every page needs, and what the signed-in app shows first and
 * later parts use too, is one; the rest of the signed-in app another; what only later parts share a
 * third. A file more would be a request more before the first message.
 */
import type { Plugin } from 'vite'

const MAIN = 'src/main.tsx'
const HALL = 'src/ui/SignedIn.tsx'

export function chunks(): { plugin: Plugin; isBase: (id: string) => boolean } {
  const base = new Set<string>()
  const plugin: Plugin = {
    name: 'maru-chunks',
    buildEnd() {
      const reach = (id: string, into: Set<string>): Set<string> => {
        if (into.has(id)) return into
        into.add(id)
        for (const next of this.getModuleInfo(id)?.importedIds ?? []) reach(next, into)
        return into
      }
      const hall = new Set<string>()
      const later = new Set<string>()
      base.clear()
      for (const id of this.getModuleIds()) {
        if (id.endsWith(MAIN)) reach(id, base)
        if (id.endsWith(HALL)) reach(id, hall)
        for (const part of this.getModuleInfo(id)?.dynamicallyImportedIds ?? []) {
          if (!part.endsWith(HALL)) reach(part, later)
        }
      }
      for (const id of hall) if (later.has(id)) base.add(id)
    },
  }
  return { plugin, isBase: (id) => base.has(id) }
}
