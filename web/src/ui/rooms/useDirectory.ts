/** Public rooms that one is not in: asked for when somebody looks for rooms, by half a name too. */
import { useEffect } from 'react'
import { useClient } from '../context'

/** A pause in typing after which the server is asked. */
const PAUSE_MS = 150
/** Rooms in one answer; more are found by typing. */
const LIMIT = 100

export function useDirectory(query: string): void {
  const client = useClient()
  useEffect(() => {
    const abort = new AbortController()
    const ask = () => {
      const asked = client.store.state.position?.seq ?? 0
      client.api.directory(query, LIMIT, abort.signal).then(
        ({ rooms }) => {
          for (const room of rooms) client.store.dispatch({ type: 'room', room, asked })
        },
        // What is known already is shown.
        () => undefined,
      )
    }
    const timer = window.setTimeout(ask, query === '' ? 0 : PAUSE_MS)
    return () => {
      window.clearTimeout(timer)
      abort.abort()
    }
  }, [client, query])
}
