import { useEffect, useState } from 'react'
import type { Message } from '../../api/types'
import { useChat, useClient } from '../context'

/** Reads new messages of others out to a screen reader, without the pages that are loaded. */
export function Announcer({ room }: { room: number }) {
  const client = useClient()
  const me = useChat((state) => state.me?.id)
  const [said, setSaid] = useState<Message | null>(null)
  useEffect(() => {
    let heard = client.store.state.rooms[room]?.last_message?.id ?? 0
    return client.store.subscribe(() => {
      const last = client.store.state.rooms[room]?.last_message
      if (!last || last.id <= heard) return
      heard = last.id
      if (last.author.id !== me) setSaid(last)
    })
  }, [client, room, me])
  return (
    <p className="unseen" aria-live="polite">
      {said && `${said.author.display_name}: ${said.text}`}
    </p>
  )
}
