/** Keeps what is known for the next start: after a while of quiet, and when the page is left. */
import { useEffect } from 'react'
import type { Client } from '../../core/client'
import type { State } from '../../core/model'
import { snapshot } from '../../core/snapshot'
import { knownServer } from '../server'
import { keep } from './kept'

const PACE_MS = 3_000

/** The same rooms, messages and settings again need no writing. */
const sameToKeep = (a: State, b: State): boolean =>
  a.position === b.position &&
  a.rooms === b.rooms &&
  a.timelines === b.timelines &&
  a.settings === b.settings

export function useKeeping(client: Client | null): void {
  useEffect(() => {
    if (!client) return
    let timer: ReturnType<typeof setTimeout> | undefined
    let written: State | null = null
    const write = () => {
      clearTimeout(timer)
      timer = undefined
      const { state } = client.store
      if (written && sameToKeep(written, state)) return
      const start = snapshot(state, knownServer())
      if (!start) return
      written = state
      void keep(start)
    }
    const onHidden = () => {
      if (document.visibilityState === 'hidden') write()
    }
    const forget = client.store.subscribe(() => {
      timer ??= setTimeout(write, PACE_MS)
    })
    document.addEventListener('visibilitychange', onHidden)
    return () => {
      forget()
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', onHidden)
    }
  }, [client])
}
