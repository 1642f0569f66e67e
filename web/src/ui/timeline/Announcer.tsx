import { useEffect, useState } from 'react'
import type { Message } from '../../api/types'
import { said } from '../../core/said'
import { useChat, useClient } from '../context'

/** Reads new messages of others out to a screen reader, without the pages that are loaded. */
export function Announcer({ room }: { room: number }) {
  const client = useClient()
  const me = useChat((state) => state.me?.id)
  const [heard, setHeard] = useState<Message | null>(null)
  useEffect(() => {
    let upTo = client.store.state.rooms[room]?.last_message?.id ?? 0
    return client.store.subscribe(() => {
      const last = client.store.state.rooms[room]?.last_message
      if (!last || last.id <= upTo) return
      upTo = last.id
      if (last.author.id !== me) setHeard(last)
    })
  }, [client, room, me])
  return (
    <p className="unseen" aria-live="polite">
      {heard && `${heard.author.display_name}: ${said(heard)}`}
    </p>
  )
}
