/** One room: its head, what was said, who is typing, the composer. */
import { useCallback, useEffect, useState } from 'react'
import type { Message } from '../api/types'
import { roomTitle } from '../core/model'
import { sentence, w } from '../i18n'
import { Composer } from './Composer'
import { useChat, useClient } from './context'
import { Icon } from './Icon'
import { RoomDialog } from './RoomDialog'
import { go } from './route'
import { Timeline } from './Timeline'
import { Typing } from './Typing'
import { useAction } from './useAction'

interface Props {
  id: number
  /** A message to show, from the address. */
  target: number | undefined
  onSearch: () => void
}

export function RoomView({ id, target, onSearch }: Props) {
  const client = useClient()
  const room = useChat((state) => state.rooms[id])
  const me = useChat((state) => state.me)
  const opened = useChat((state) => state.timelines[id] !== undefined)
  const [problem, setProblem] = useState<string | null>(null)
  const [replyTo, setReplyTo] = useState<Message | null>(null)
  const [showing, setShowing] = useState(false)
  const join = useAction()
  const known = room !== undefined

  useEffect(() => {
    if (opened || !known) return
    const load = target === undefined ? client.openRoom(id) : client.page(id, 'around', target)
    load.catch((error: unknown) => setProblem(sentence(error)))
  }, [client, id, known, opened, target])

  useEffect(() => () => client.store.dispatch({ type: 'closed', room: id }), [client, id])

  const endReply = useCallback(() => setReplyTo(null), [])

  if (!room) {
    return (
      <main className="nowhere">
        <p>{w.roomGone}</p>
      </main>
    )
  }
  const title = roomTitle(room, me?.id)
  return (
    <main className="room" aria-label={title}>
      <header className="room-head">
        <button type="button" className="quiet narrow" aria-label={w.menu} onClick={() => go('/')}>
          <Icon name="back" />
        </button>
        <div className="room-title">
          <h1>{title}</h1>
          {room.topic !== '' && <p>{room.topic}</p>}
        </div>
        <button type="button" className="quiet" onClick={() => setShowing(true)}>
          <Icon name="people" />
          <span>{room.member_count.toLocaleString()}</span>
          <span className="unseen">{w.memberList}</span>
        </button>
        <button type="button" className="quiet" aria-label={w.searchMessages} onClick={onSearch}>
          <Icon name="search" />
        </button>
      </header>
      {problem !== null && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      {opened ? (
        <Timeline room={room} title={title} target={target} onReply={setReplyTo} />
      ) : (
        <div className="timeline" aria-busy="true" />
      )}
      <Typing room={id} />
      {room.me ? (
        <Composer room={id} title={title} replyTo={replyTo} onReplied={endReply} />
      ) : (
        <div className="composer-join">
          <p>{join.problem ?? w.notMember}</p>
          <button
            type="button"
            className="primary"
            onClick={() =>
              join.run(async () => {
                await client.api.join(id)
                await client.refresh(id)
              })
            }
          >
            {w.join}
          </button>
        </div>
      )}
      {showing && <RoomDialog room={room} onClose={() => setShowing(false)} />}
    </main>
  )
}
