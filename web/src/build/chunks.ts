/**
 * Which modules are one file. What every page needs, and what the signed-in app shows first and
 * later parts use too, is one; the rest of the signed-in app another; where one signs in a third;
 * what one writes with, which comes right behind the first message, a fourth; what only later parts
 * share a fifth. A file more would be a request more before the first message.
 */
import type { Plugin } from 'vite'

const MAIN = 'src/main.tsx'
const HALL = 'src/ui/SignedIn.tsx'
const ENTRY = 'src/ui/entry/Entry.tsx'
const WRITING = [
  'Composer',
  'EditBox',
  'timeline/Tools',
  'parts/MenuList',
  'parts/Tips',
  'parts/Toasts',
  'shell/Overlays',
].map((part) => `src/ui/${part}.tsx`)

export interface Chunks {
  plugin: Plugin
  isBase: (id: string) => boolean
  isWriting: (id: string) => boolean
  isEntry: (id: string) => boolean
}

export function chunks(): Chunks {
  const base = new Set<string>()
  const writing = new Set<string>()
  const entry = new Set<string>()
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
      entry.clear()
      writing.clear()
      for (const id of this.getModuleIds()) {
        if (id.endsWith(MAIN)) reach(id, base)
        if (id.endsWith(HALL)) reach(id, hall)
        if (id.endsWith(ENTRY)) reach(id, entry)
        if (WRITING.some((part) => id.endsWith(part))) reach(id, writing)
        for (const part of this.getModuleInfo(id)?.dynamicallyImportedIds ?? []) {
          if (!part.endsWith(HALL)) reach(part, later)
        }
      }
      for (const id of hall) if (later.has(id)) base.add(id)
      for (const id of base) entry.delete(id)
      for (const id of [...base, ...hall, ...entry]) writing.delete(id)
    },
  }
  return {
    plugin,
    // With the few lines that put modules together.
    isBase: (id) => base.has(id) || id.includes('rolldown/runtime'),
    isWriting: (id) => writing.has(id),
    isEntry: (id) => entry.has(id),
  }
}
