/** What another app shared: one chooses where it goes, and it stands there as a draft. */
import { useState } from 'react'
import { find } from '../../core/hangul'
import { myRooms, roomTitle } from '../../core/model'
import { useWords } from '../../i18n'
import { useChat } from '../context'
import { Emblem, Icon } from '../Icon'
import { go, roomPath } from '../route'
import { useDrafts } from '../write/drafts'
import './share.css'

export default function Share({ text }: { text: string }) {
  const w = useWords()
  const drafts = useDrafts()
  const me = useChat((state) => state.me?.id)
  const rooms = useChat(myRooms)
  const [typed, setTyped] = useState('')
  const found = find(typed, rooms, (room) => [roomTitle(room, me)])
  const choose = (room: number) => {
    const before = drafts.read(`room.${room}`)?.text
    drafts.keep(`room.${room}`, before ? `${before}\n${text}` : text)
    go(roomPath(room), true)
  }
  return (
    <main className="nowhere share">
      <Emblem />
      <h1>{w.shareWhere}</h1>
      <blockquote className="share-text">{text}</blockquote>
      <input
        type="search"
        aria-label={w.shareFind}
        placeholder={w.shareFind}
        value={typed}
        onChange={(e) => setTyped(e.target.value)}
      />
      <ul className="choices">
        {found.map((room) => (
          <li key={room.id}>
            <button type="button" className="choice" onClick={() => choose(room.id)}>
              <Icon
                name={room.kind === 'direct' ? 'person' : room.kind === 'private' ? 'lock' : 'hash'}
              />
              {roomTitle(room, me)}
            </button>
          </li>
        ))}
      </ul>
    </main>
  )
}
