/** Public rooms that one is not in: asked for when somebody looks for rooms, by half a name too. */
import { useEffect } from 'react'
import type { Client } from '../../core/client'
import { useClient } from '../context'

/** A pause in typing after which the server is asked. */
const PAUSE_MS = 150
/** Rooms in one answer; more are found by typing. */
const LIMIT = 100

export function useDirectory(query: string): void {
  const client = useClient()
  // The first of all are matched here by first consonants, which the server does not know.
  useEffect(() => ask(client, ''), [client])
  useEffect(() => {
    if (query === '') return
    let end: (() => void) | undefined
    const timer = window.setTimeout(() => (end = ask(client, query)), PAUSE_MS)
    return () => {
      window.clearTimeout(timer)
      end?.()
    }
  }, [client, query])
}

/** What is found stands among the rooms that are known; gives what ends the question. */
function ask(client: Client, query: string): () => void {
  const abort = new AbortController()
  const asked = client.store.state.position?.seq ?? 0
  client.api.directory(query, LIMIT, abort.signal).then(
    ({ rooms }) => {
      for (const room of rooms) client.store.dispatch({ type: 'room', room, asked })
    },
    // What is known already is shown.
    () => undefined,
  )
  return () => abort.abort()
}
