/** Where one writes into a room or a thread. */
import { useEffect, useRef } from 'react'
import type { Message } from '../api/types'
import type { Place } from '../core/drafts'
import { preview } from '../core/markdown/preview'
import { useWords } from '../i18n'
import { useClient } from './context'
import { Icon } from './Icon'
import { editLast } from './write/editing'
import { Writer } from './write/Writer'

interface Props {
  room: number
  /** The message whose thread one writes in. */
  root?: number
  title: string
  replyTo: Message | null
  onReplied: () => void
}

export function Composer({ room, root, title, replyTo, onReplied }: Props) {
  const w = useWords()
  const client = useClient()
  const field = useRef<HTMLTextAreaElement>(null)
  const place: Place = root === undefined ? `room.${room}` : `thread.${room}.${root}`

  useEffect(() => {
    // A touch keyboard that opens by itself hides what one came to read.
    if (matchMedia('(pointer: fine)').matches) field.current?.focus()
  }, [])
  useEffect(() => {
    if (replyTo) field.current?.focus()
  }, [replyTo])

  return (
    <div className="composer">
      <Writer
        // Another place is another field.
        key={place}
        field={field}
        room={room}
        place={place}
        label={w.write(title)}
        onSubmit={({ text, mentions, client_id }) => {
          client.post(room, text, root ?? replyTo?.id, mentions, client_id)
          onReplied()
          return true
        }}
        onTyped={(text) => client.typing(room, text.trim() === '')}
        onEscape={() => {
          if (!replyTo) return false
          onReplied()
          return true
        }}
        onUp={() => editLast(client, room, root)}
        head={
          replyTo && (
            <div className="replying">
              <Icon name="reply" />
              <span>{w.replyingTo(replyTo.author.display_name)}</span>
              <span className="replying-text">{preview(replyTo.text)}</span>
              <button type="button" className="quiet" aria-label={w.cancel} onClick={onReplied}>
                <Icon name="close" />
              </button>
            </div>
          )
        }
      >
        {({ blocked, empty }) => (
          <button
            type="submit"
            className="send"
            aria-label={w.send}
            aria-disabled={blocked || empty}
            data-tip={w.send}
            // Enter and the button say the same: the field keeps the focus.
            onPointerDown={(e) => e.preventDefault()}
          >
            <Icon name="send" />
          </button>
        )}
      </Writer>
    </div>
  )
}
