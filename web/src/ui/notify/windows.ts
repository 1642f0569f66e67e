/**
 * What the windows of this browser know of one another, by locks that go with the window: whether
 * somebody sits before one, which rooms are read, and which one tells of news.
 */
import type { Windows } from '../../core/notices'

const LEADS = 'maru.leads'
const HERE = 'maru.here'
const reads = (room: number) => `maru.reads.${room}`

/** Without locks every window is on its own. */
const locks = (navigator as Partial<Navigator>).locks

/** Calls back once this window is the one that tells; the answer gives that up. */
export function lead(then: () => void): () => void {
  if (!locks) {
    then()
    return () => undefined
  }
  return hold(LEADS, 'exclusive', then)
}

function hold(name: string, mode: LockMode, then?: () => void): () => void {
  const giveUp = new AbortController()
  let free: () => void = () => undefined
  locks
    ?.request(name, { mode, signal: giveUp.signal }, () => {
      then?.()
      return new Promise<void>((done) => (free = done))
    })
    .catch(() => undefined)
  return () => {
    giveUp.abort()
    free()
  }
}

/** Says to the other windows where somebody looks; `null` where nobody does. */
export class Sign {
  private held: (() => void)[] = []
  private shown = ''

  tell(rooms: number[] | null): void {
    const shown = rooms === null ? '' : `here ${rooms.join(' ')}`
    if (shown === this.shown) return
    this.shown = shown
    this.clear()
    if (rooms) this.held = [HERE, ...rooms.map(reads)].map((name) => hold(name, 'shared'))
  }

  clear(): void {
    for (const free of this.held.splice(0)) free()
  }
}

export async function windows(): Promise<Windows> {
  const names = new Set((await locks?.query())?.held?.map(({ name }) => name))
  return { here: names.has(HERE), reading: (room) => names.has(reads(room)) }
}
