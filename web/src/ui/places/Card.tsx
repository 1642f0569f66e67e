/** A message outside of its line: whose, where, when, and the way to it. */
import { useEffect, type ReactNode } from 'react'
import type { Message } from '../../api/types'
import { roomTitle } from '../../core/model'
import { dayAndClock } from '../../core/time'
import { useWords } from '../../i18n'
import { useChat, useClient } from '../context'
import { Files } from '../files/Files'
import { Icon } from '../Icon'
import { MessageText } from '../MessageText'
import { go, roomPath, threadPath } from '../route'
import { Tile } from '../Tile'

interface Props {
  message: Message
  /** Where it is not said already. */
  withRoom?: boolean
  /** What stands below its text. */
  foot?: ReactNode
  /** Acts on it, at its upper edge. */
  tools?: ReactNode
}

export function pathOf({ id, room_id, reply_to }: Message): string {
  return reply_to == null ? roomPath(room_id, id) : threadPath(room_id, reply_to, id)
}

export function Card({ message, withRoom = true, foot, tools }: Props) {
  const w = useWords()
  const client = useClient()
  const { author, room_id, mentions, mention_ranges } = message
  const name = useChat((state) => (state.users[author.id] ?? author).display_name)
  const me = useChat((state) => state.me?.id)
  const room = useChat((state) => state.rooms[room_id])
  useEffect(() => {
    if (withRoom && !room) void client.refresh(room_id)
    client.name(mentions)
  }, [client, withRoom, room, room_id, mentions])
  const open = () => go(pathOf(message))
  return (
    <li className="card">
      <div className="card-head">
        <Tile id={author.id} name={name} />
        <span className="card-who">
          <strong>{name}</strong>
          <small>
            {withRoom && room && (
              <>
                <Icon name={room.kind === 'direct' ? 'chat' : 'hash'} />
                {roomTitle(room, me)} ·{' '}
              </>
            )}
            <time dateTime={message.sent_at}>
              {dayAndClock(message.sent_at, w.language, client.now())}
            </time>
          </small>
        </span>
        <span className="card-tools">
          {tools}
          <button type="button" className="quiet card-go" onClick={open}>
            {w.toMessage}
          </button>
        </span>
      </div>
      <div className="card-text">
        {message.text !== '' && (
          <MessageText text={message.text} ranges={mention_ranges} edited={false} />
        )}
        {message.files.length > 0 && (
          <Files message={message} pending={undefined} inThread={message.reply_to != null} />
        )}
      </div>
      {foot}
    </li>
  )
}
