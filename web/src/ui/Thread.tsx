/** The answers to a message: how many there are, and all of them in one place. */
import { useEffect, useState } from 'react'
import type { Message } from '../api/types'
import { brief, dayAndClock } from '../core/time'
import { language, w } from '../i18n'
import { useClient } from './context'
import { Dialog } from './Dialog'
import { Icon } from './Icon'
import { MessageText } from './MessageText'
import { Problem } from './Problem'
import { go, roomPath } from './route'
import { Tile } from './Tile'
import { useAction } from './useAction'

interface Props {
  message: Message
  /** Left out where the reader may not write. */
  onReply: ((message: Message) => void) | undefined
}

export function Replies({ message, onReply }: Props) {
  const client = useClient()
  const [open, setOpen] = useState(false)
  const { thread } = message
  if (!thread) return null
  return (
    <>
      <button type="button" className="replies" onClick={() => setOpen(true)}>
        <Icon name="chat" />
        <b>{w.replies(thread.count)}</b>
        <time dateTime={thread.last_at}>{brief(thread.last_at, language, client.now())}</time>
      </button>
      {open && <Thread message={message} onReply={onReply} onClose={() => setOpen(false)} />}
    </>
  )
}

const noNames: string[] = []

function Thread({ message, onReply, onClose }: Props & { onClose: () => void }) {
  const client = useClient()
  const [all, setAll] = useState<Message[]>([message])
  const { problem, run } = useAction()
  const { api } = client
  const { id } = message
  const count = message.thread?.count
  useEffect(() => {
    run(async () => setAll((await api.thread(id)).messages))
  }, [api, run, id, count])
  return (
    <Dialog title={w.thread} onClose={onClose}>
      <Problem text={problem} />
      <ol className="thread">
        {all.map((one) => (
          <li key={one.id}>
            <Tile id={one.author.id} name={one.author.display_name} />
            <div>
              <div className="message-head">
                <strong>{one.author.display_name}</strong>
                <button
                  type="button"
                  className="link"
                  onClick={() => {
                    onClose()
                    go(roomPath(one.room_id, one.id))
                  }}
                >
                  <time dateTime={one.sent_at}>
                    {dayAndClock(one.sent_at, language, client.now())}
                  </time>
                </button>
              </div>
              {one.deleted ? (
                <p className="deleted">{w.deleted}</p>
              ) : (
                <MessageText
                  text={one.text}
                  names={noNames}
                  ranges={one.mention_ranges}
                  edited={one.edited_at != null}
                />
              )}
            </div>
          </li>
        ))}
      </ol>
      {onReply && (
        <div className="buttons">
          <button
            type="button"
            className="primary"
            onClick={() => {
              onClose()
              onReply(message)
            }}
          >
            {w.reply}
          </button>
        </div>
      )}
    </Dialog>
  )
}
