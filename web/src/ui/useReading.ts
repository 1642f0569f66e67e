import { useEffect } from 'react'
import type { Client } from '../core/client'
import type { Timeline } from '../core/model'

/** Marks a room read while its end is in view and the window has the reader's attention. */
export function useReading(client: Client, room: number, line: Timeline): void {
  const last = line.messages.at(-1)?.id
  const atEnd = line.follow && !line.moreAfter
  useEffect(() => {
    const read = () => {
      if (
        atEnd &&
        last !== undefined &&
        document.visibilityState === 'visible' &&
        document.hasFocus()
      )
        client.readAll(room)
    }
    read()
    window.addEventListener('focus', read)
    document.addEventListener('visibilitychange', read)
    return () => {
      window.removeEventListener('focus', read)
      document.removeEventListener('visibilitychange', read)
    }
  }, [client, room, last, atEnd])
}
