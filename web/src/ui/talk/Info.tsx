/** When a message was sent, and who of a small room has read it. */
import { useEffect, useState } from 'react'
import type { Member, Message, OldText } from '../../api/types'
import { dayAndClock } from '../../core/time'
import { SMALL } from '../../core/client'
import { useWords } from '../../i18n'
import { useChat, useClient } from '../context'
import { Dialog } from '../parts/Dialog'
import { Problem } from '../Problem'
import { Tile } from '../Tile'
import { useAction } from '../useAction'

export default function Info({ message, onClose }: { message: Message; onClose: () => void }) {
  const w = useWords()
  const client = useClient()
  const { room_id, id, author } = message
  const large = useChat((state) => (state.rooms[room_id]?.member_count ?? 0) > SMALL)
  const seen = useChat((state) => state.seen[room_id])
  const [members, setMembers] = useState<Member[] | null>(null)
  const { problem, run } = useAction()
  const admin = useChat((state) => state.me?.role === 'admin')
  const edited = message.edited_at != null
  const [before, setBefore] = useState<OldText[]>([])
  useEffect(() => {
    if (!admin || !edited) return
    run(async () => setBefore((await client.api.editHistory(id)).texts))
  }, [client, run, id, admin, edited])
  useEffect(() => {
    if (large) return
    run(async () => setMembers(await client.api.members(room_id, { limit: SMALL })))
  }, [client, run, room_id, large])
  const others = (members ?? []).filter(({ user }) => user.id !== author.id)
  const has = ({ user, last_read_id }: Member) => Math.max(last_read_id, seen?.[user.id] ?? 0) >= id
  const at = (time: string) => (
    <time dateTime={time}>{dayAndClock(time, w.language, client.now())}</time>
  )
  return (
    <Dialog title={w.info} size="small" onClose={onClose}>
      <dl className="message-facts">
        <dt>{w.sentAt}</dt>
        <dd>{at(message.sent_at)}</dd>
        {message.edited_at != null && (
          <>
            <dt>{w.editedAt}</dt>
            <dd>{at(message.edited_at)}</dd>
          </>
        )}
      </dl>
      <Problem text={problem} />
      {before.length > 0 && (
        <>
          <h3>{w.beforeEdit}</h3>
          <ol className="old-texts">
            {before.map(({ text, since }) => (
              <li key={since}>
                <small>{at(since)}</small>
                <p>{text}</p>
              </li>
            ))}
          </ol>
        </>
      )}
      {large && <p className="hint">{w.tooLargeForReads}</p>}
      {members && (
        <>
          <People title={w.readBy} people={others.filter(has)} none={w.nobodyRead} />
          <People title={w.notReadYet} people={others.filter((one) => !has(one))} />
        </>
      )}
    </Dialog>
  )
}

function People({ title, people, none }: { title: string; people: Member[]; none?: string }) {
  if (people.length === 0 && none === undefined) return null
  return (
    <>
      <h3>
        {title} <small>{people.length}</small>
      </h3>
      {people.length === 0 && <p className="hint">{none}</p>}
      <ul className="choices">
        {people.map(({ user }) => (
          <li key={user.id} className="choice">
            <Tile id={user.id} name={user.display_name} />
            <span className="choice-text">
              <strong>{user.display_name}</strong>
              <small>@{user.username}</small>
            </span>
          </li>
        ))}
      </ul>
    </>
  )
}
