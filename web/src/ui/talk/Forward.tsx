/** A message to another room: quoted there, with the way back to it. */
import { useRef, useState } from 'react'
import type { Message } from '../../api/types'
import { find } from '../../core/hangul'
import { myRooms, roomTitle } from '../../core/model'
import { said } from '../../core/said'
import { useWords } from '../../i18n'
import { useChat, useClient } from '../context'
import { Icon } from '../Icon'
import { Dialog } from '../parts/Dialog'
import { toast } from '../parts/toasts'
import { useCombobox } from '../parts/useCombobox'
import { go, roomPath } from '../route'
import { pathOf } from '../places/Card'

const SHOWN = 12
const QUOTED = 1_000

export default function Forward({ message, onClose }: { message: Message; onClose: () => void }) {
  const w = useWords()
  const client = useClient()
  const me = useChat((state) => state.me?.id)
  const rooms = useChat(myRooms)
  const field = useRef<HTMLInputElement>(null)
  const note = useRef<HTMLInputElement>(null)
  const [query, setQuery] = useState('')
  const found = find(query, rooms, (room) => [roomTitle(room, me)]).slice(0, SHOWN)
  const send = (at: number) => {
    const room = found[at]
    if (!room) return
    const link = location.origin + pathOf(message)
    const quoted = (message.text === '' ? said(message) : message.text)
      .slice(0, QUOTED)
      .split('\n')
      .map((line) => `> ${line}`)
    const words = note.current?.value.trim() ?? ''
    const text = [
      ...(words === '' ? [] : [words, '']),
      ...quoted,
      '',
      w.forwardedFrom(message.author.display_name, link),
    ]
    client.post(room.id, text.join('\n'))
    onClose()
    const title = roomTitle(room, me)
    toast({
      text: w.forwarded(title),
      act: { label: w.goToRoom, run: () => go(roomPath(room.id)) },
    })
  }
  const box = useCombobox({
    field,
    count: found.length,
    question: query,
    onPick: send,
  })
  return (
    <Dialog title={w.forwardTo} size="small" onClose={onClose}>
      <div className="form">
        <input
          ref={field}
          type="search"
          data-first
          placeholder={w.findRoom}
          aria-label={w.findRoom}
          onInput={(e) => setQuery(e.currentTarget.value)}
          {...box.input}
        />
        <input ref={note} type="text" placeholder={w.forwardNote} aria-label={w.forwardNote} />
        <blockquote className="forwarded">
          <b>{message.author.display_name}</b> {said(message)}
        </blockquote>
      </div>
      <ul className="choices" aria-label={w.rooms} {...box.list}>
        {found.map((room, index) => (
          <li key={room.id} className="choice" {...box.option(index)}>
            <Icon
              name={room.kind === 'direct' ? 'chat' : room.kind === 'private' ? 'lock' : 'hash'}
            />
            <span className="choice-text">{roomTitle(room, me)}</span>
          </li>
        ))}
      </ul>
      {found.length === 0 && <p className="hint">{w.nothingFound}</p>}
    </Dialog>
  )
}
