/** Where one writes into a room or a thread. */
import { useEffect, useRef, useState, type ReactNode } from 'react'
import { later } from './later'
import type { Place } from '../core/drafts'
import { useWords } from '../i18n'
import { callIn, FEW } from '../core/calls'
import { useChat, useClient } from './context'
import { AttachButton } from './files/AttachButton'
import { useAttach, useDrop } from './files/useAttach'
import { useUploads } from './files/useUploads'
import { Icon } from './Icon'
import { editLast } from './write/editing'
import { useTypingAnywhere } from './write/useTypingAnywhere'
import { Writer, type Written } from './write/Writer'

interface Props {
  room: number
  /** The message whose thread one writes in. */
  root?: number
  title: string
  /** What is said in the thread stands in the room, too. */
  also?: boolean
  /** Stands below the field. */
  foot?: ReactNode
  onSent: () => void
}

export type Take = (hand: (written: Written) => boolean) => void

const CallGuard = later(() => import('./write/CallGuard'))
const SendLater = later(() => import('./write/SendLater'))
const Strip = later(() => import('./files/Strip'))

export default function Composer({ room, root, title, also = false, foot, onSent }: Props) {
  const w = useWords()
  const client = useClient()
  const field = useRef<HTMLTextAreaElement>(null)
  const place: Place = root === undefined ? `room.${room}` : `thread.${room}.${root}`
  const box = useRef<HTMLDivElement>(null)
  const many = useChat((state) => {
    const { kind, member_count: count = 0 } = state.rooms[room] ?? {}
    return kind !== 'direct' && count > FEW
  })
  const [asking, setAsking] = useState(false)
  const [later, setLater] = useState<{ take: Take } | null>(null)
  /** The reader said that everybody may be told. */
  const agreed = useRef(false)
  const calls = (text: string) => many && callIn(text) !== null
  const jobs = useUploads(place)
  // The server keeps the files of what is sent later: they have to be there.
  const uploading = jobs.some(({ file }) => !file)
  const attach = useAttach(place)
  const dropping = useDrop(box, (files) => {
    attach(files)
    field.current?.focus()
  })

  useEffect(() => {
    // A touch keyboard that opens by itself hides what one came to read.
    if (matchMedia('(pointer: fine)').matches) field.current?.focus()
  }, [])
  useTypingAnywhere(field, root === undefined)
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
          if (calls(text) && !agreed.current) {
            setAsking(true)
            return false
          }
          agreed.current = false
          client.post(room, text, { reply_to: root, also_in_room: also, mentions, client_id, jobs })
          onSent()
          return true
        }}
        onTyped={(text) => client.typing(room, text.trim() === '')}
        onFiles={(files) => attach(files, true)}
        hasMore={jobs.length > 0}
        tools={<AttachButton onFiles={attach} />}
        onUp={() => editLast(client, field.current, room, root)}
        head={jobs.length > 0 && <Strip jobs={jobs} />}
      >
        {({ blocked, empty, take }) => (
          <>
            <button
              type="button"
              className="quiet send-later"
              aria-label={w.sendLater}
              data-tip={uploading ? w.laterWaits : w.sendLater}
              aria-disabled={blocked || empty || uploading}
              onClick={() => {
                if (!blocked && !empty && !uploading) setLater({ take })
              }}
            >
              <Icon name="clock" />
            </button>
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
          </>
        )}
      </Writer>
      {foot}
      {asking && (
        <CallGuard
          room={room}
          onSend={() => {
            agreed.current = true
            field.current?.form?.requestSubmit()
          }}
          onClose={() => setAsking(false)}
        />
      )}
      {later && (
        <SendLater
          room={room}
          root={root}
          jobs={jobs}
          take={later.take}
          onClose={() => setLater(null)}
        />
      )}
    </div>
  )
}
