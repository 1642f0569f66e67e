/** Where one writes into a room or a thread. */
import { useEffect, useRef } from 'react'
import { later } from './later'
import type { Message } from '../api/types'
import type { Place } from '../core/drafts'
import { preview } from '../core/markdown/preview'
import { useWords } from '../i18n'
import { useClient } from './context'
import { AttachButton } from './files/AttachButton'
import { useAttach, useDrop } from './files/useAttach'
import { useUploads } from './files/useUploads'
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

const Strip = later(() => import('./files/Strip'))

export function Composer({ room, root, title, replyTo, onReplied }: Props) {
  const w = useWords()
  const client = useClient()
  const field = useRef<HTMLTextAreaElement>(null)
  const place: Place = root === undefined ? `room.${room}` : `thread.${room}.${root}`
  const box = useRef<HTMLDivElement>(null)
  const jobs = useUploads(place)
  const attach = useAttach(place)
  const dropping = useDrop(box, (files) => {
    attach(files)
    field.current?.focus()
  })

  useEffect(() => {
    // A touch keyboard that opens by itself hides what one came to read.
    if (matchMedia('(pointer: fine)').matches) field.current?.focus()
  }, [])
  useEffect(() => {
    if (replyTo) field.current?.focus()
  }, [replyTo])

  return (
    <div className="composer" ref={box}>
      {dropping && (
        <div className="dropping" aria-hidden="true">
          <Icon name="clip" />
          {w.dropHere(title)}
        </div>
      )}
      <Writer
        // Another place is another field.
        key={place}
        field={field}
        room={room}
        place={place}
        label={w.write(title)}
        onSubmit={({ text, mentions, client_id }) => {
          client.post(room, text, { reply_to: root ?? replyTo?.id, mentions, client_id, jobs })
          onReplied()
          return true
        }}
        onTyped={(text) => client.typing(room, text.trim() === '')}
        onEscape={() => {
          if (!replyTo) return false
          onReplied()
          return true
        }}
        onFiles={(files) => attach(files, true)}
        hasMore={jobs.length > 0}
        tools={<AttachButton onFiles={attach} />}
        onUp={() => editLast(client, room, root)}
        head={
          <>
            {jobs.length > 0 && <Strip jobs={jobs} />}
            {replyTo && (
              <div className="replying">
                <Icon name="reply" />
                <span>{w.replyingTo(replyTo.author.display_name)}</span>
                <span className="replying-text">{preview(replyTo.text)}</span>
                <button type="button" className="quiet" aria-label={w.cancel} onClick={onReplied}>
                  <Icon name="close" />
                </button>
              </div>
            )}
          </>
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
