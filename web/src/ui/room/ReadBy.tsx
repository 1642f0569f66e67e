/** Who has read the newest message, where one's own word is the last; in small rooms only. */
import { useEffect } from 'react'
import { SMALL } from '../../core/client'
import { readersOf } from '../../core/others'
import { useWords } from '../../i18n'
import { useChat, useClient } from '../context'
import { useOpened } from '../painted'

const NAMED = 2

export function ReadBy({ room }: { room: number }) {
  const w = useWords()
  const client = useClient()
  const small = useChat((state) => {
    const { member_count: count = 0, me } = state.rooms[room] ?? {}
    return me !== undefined && count > 1 && count <= SMALL
  })
  const loaded = useChat((state) => state.loaded)
  const isOpened = useOpened()
  const last = useChat((state) => state.rooms[room]?.last_message)
  const me = useChat((state) => state.me?.id)
  const seen = useChat((state) => state.seen[room])
  const users = useChat((state) => state.users)
  const others = useChat((state) => (state.rooms[room]?.member_count ?? 1) - 1)
  useEffect(() => {
    if (small && loaded && isOpened) void client.askSeen(room)
  }, [client, room, small, loaded, isOpened])
  if (!small || !last || last.author.id !== me) return null
  const readers = readersOf(seen, last.id, [me])
  if (readers.length === 0) return null
  const names = readers.slice(0, NAMED).map((id) => users[id]?.display_name ?? w.unknownUser)
  return (
    <p className="read-by">
      {readers.length >= others && others > 1
        ? w.seenByAll
        : w.seenBy(names.join(', '), readers.length - names.length)}
    </p>
  )
}
