/** Public rooms that one is not in: asked for when somebody looks for rooms, by half a name too. */
import { useEffect } from 'react'
import type { Client } from '../../core/client'
import { useClient } from '../context'

/** A pause in typing after which the server is asked. */
const PAUSE_MS = 150
/** Rooms in one answer; more are found by typing. */
const LIMIT = 100
/** Answers that are asked for, where the server looked through many rooms and found few. */
const ANSWERS = 5

export function useDirectory(query: string, archived = false): void {
  const client = useClient()
  useEffect(() => ask(client, '', archived), [client, archived])
  useEffect(() => {
    if (query === '') return
    let end: (() => void) | undefined
    const timer = window.setTimeout(() => (end = ask(client, query, archived)), PAUSE_MS)
    return () => {
      window.clearTimeout(timer)
      end?.()
    }
  }, [client, query, archived])
  // Private ones of one's own are in no directory.
  useEffect(() => {
    if (!archived) return
    const asked = client.store.state.position?.seq ?? 0
    client.api.archivedRooms().then(
      (rooms) => {
        for (const room of rooms) client.store.dispatch({ type: 'room', room, asked })
      },
      // The others are shown.
      () => undefined,
    )
  }, [client, archived])
}

/** What is found stands among the rooms that are known; gives what ends the question. */
function ask(client: Client, q: string, archived: boolean): () => void {
  const abort = new AbortController()
  const asked = client.store.state.position?.seq ?? 0
  const more = async (cursor?: string, found = 0, answers = 1): Promise<void> => {
    const query = { q, limit: LIMIT, cursor, ...(archived ? { archived } : {}) }
    const page = await client.api.directory(query, abort.signal)
    for (const room of page.rooms) client.store.dispatch({ type: 'room', room, asked })
    const all = found + page.rooms.length
    if (page.cursor != null && all < LIMIT && answers < ANSWERS)
      await more(page.cursor, all, answers + 1)
  }
  // What is known already is shown.
  more().catch(() => undefined)
  return () => abort.abort()
}
