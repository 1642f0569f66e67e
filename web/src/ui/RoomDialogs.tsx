/** Making, finding and filling rooms. */
import { useEffect, useState } from 'react'
import type { Member, Room } from '../api/types'
import { find } from '../core/hangul'
import { roomTitle } from '../core/model'
import { w } from '../i18n'
import { useChat, useClient } from './context'
import { Confirm, Dialog } from './Dialog'
import { Field, Form, text } from './Entry'
import { Icon } from './Icon'
import { go, roomPath } from './route'
import { Tile } from './Tile'
import { useAction } from './useAction'

interface Closable {
  onClose: () => void
}

export function CreateRoomDialog({ onClose }: Closable) {
  const client = useClient()
  const action = useAction()
  const submit = (fields: FormData) =>
    action.run(async () => {
      const topic = text(fields, 'topic')
      const room = await client.api.createRoom({
        name: text(fields, 'name'),
        kind: fields.get('private') === 'on' ? 'private' : 'public',
        ...(topic === '' ? {} : { topic }),
      })
      await client.refresh(room.id)
      onClose()
      go(roomPath(room.id))
    })
  return (
    <Dialog title={w.newRoom} onClose={onClose}>
      <Form title="" button={w.create} action={action} onSubmit={submit}>
        <Field name="name" label={w.roomName} autoComplete="off" autoFocus />
        <Field name="topic" label={w.roomTopic} autoComplete="off" optional />
        <label className="check">
          <input type="checkbox" name="private" />
          <span>
            {w.roomPrivate}
            <small>{w.roomPrivateHint}</small>
          </span>
        </label>
      </Form>
    </Dialog>
  )
}

export function BrowseDialog({ onClose }: Closable) {
  const client = useClient()
  const rooms = useChat((state) => state.rooms)
  const [query, setQuery] = useState('')
  const action = useAction()
  const open = Object.values(rooms).filter((room) => room.kind === 'public' && !room.me)
  const shown = find(query, open, (room) => [room.name, room.topic]).slice(0, 200)
  const join = (room: Room) =>
    action.run(async () => {
      await client.api.join(room.id)
      await client.refresh(room.id)
      onClose()
      go(roomPath(room.id))
    })
  return (
    <Dialog title={w.browseRooms} onClose={onClose}>
      <Filter onQuery={setQuery} />
      <Problem text={action.problem} />
      <ul className="choices">
        {shown.map((room) => (
          <li key={room.id}>
            <button type="button" className="choice" onClick={() => join(room)}>
              <span className="mark" aria-hidden="true">
                #
              </span>
              <span className="choice-text">
                <strong>{room.name}</strong>
                <small>{room.topic}</small>
              </span>
              <small>{w.members(room.member_count)}</small>
            </button>
          </li>
        ))}
      </ul>
      {shown.length === 0 && <p className="hint">{query === '' ? w.noBrowse : w.nothingFound}</p>}
    </Dialog>
  )
}

export function DirectDialog({ onClose }: Closable) {
  const client = useClient()
  const action = useAction()
  const start = (id: number) =>
    action.run(async () => {
      const room = await client.api.direct([id])
      await client.refresh(room.id)
      onClose()
      go(roomPath(room.id))
    })
  return (
    <Dialog title={w.newDirect} onClose={onClose}>
      <Problem text={action.problem} />
      <PickPerson without={[]} onPick={start} />
    </Dialog>
  )
}

export function RoomDialog({ room, onClose }: Closable & { room: Room }) {
  const client = useClient()
  const me = useChat((state) => state.me)
  const [members, setMembers] = useState<Member[]>([])
  const [adding, setAdding] = useState(false)
  const [leaving, setLeaving] = useState(false)
  const action = useAction()
  const { run } = action
  const { api } = client
  useEffect(() => {
    run(async () => setMembers(await api.members(room.id)))
  }, [api, run, room.id, room.member_count])

  const add = (id: number) =>
    run(async () => {
      await api.addMember(room.id, id)
      setAdding(false)
      setMembers(await api.members(room.id))
    })
  const leave = () =>
    run(async () => {
      await api.leave(room.id)
      onClose()
      go('/')
    })
  if (leaving) {
    const title = w.leaveSure(roomTitle(room, me?.id))
    return (
      <Confirm
        title={title}
        confirm={w.leave}
        onConfirm={leave}
        onClose={() => setLeaving(false)}
      />
    )
  }
  return (
    <Dialog title={roomTitle(room, me?.id)} onClose={onClose}>
      {room.topic !== '' && <p className="hint">{room.topic}</p>}
      <Problem text={action.problem} />
      {adding ? (
        <PickPerson without={members.map((m) => m.user.id)} onPick={add} />
      ) : (
        <>
          <h3>
            {w.memberList} <small>{w.members(members.length)}</small>
          </h3>
          <ul className="choices">
            {members.map(({ user, role }) => (
              <li key={user.id} className="choice">
                <Tile id={user.id} name={user.display_name} />
                <span className="choice-text">
                  <strong>{user.display_name}</strong>
                  <small>@{user.username}</small>
                </span>
                {role === 'owner' && room.kind !== 'direct' && <small>{w.owner}</small>}
              </li>
            ))}
          </ul>
        </>
      )}
      {room.me && room.kind !== 'direct' && (
        <div className="buttons">
          <button type="button" className="danger" onClick={() => setLeaving(true)}>
            {w.leave}
          </button>
          <button type="button" onClick={() => setAdding(!adding)}>
            {adding ? w.cancel : w.addMember}
          </button>
        </div>
      )}
    </Dialog>
  )
}

function PickPerson({ without, onPick }: { without: number[]; onPick: (id: number) => void }) {
  const users = useChat((state) => state.users)
  const me = useChat((state) => state.me)
  const [query, setQuery] = useState('')
  const others = Object.values(users).filter((u) => u.id !== me?.id && !without.includes(u.id))
  const shown = find(query, others, (user) => [user.display_name, user.username]).slice(0, 100)
  return (
    <>
      <Filter onQuery={setQuery} />
      <ul className="choices">
        {shown.map((user) => (
          <li key={user.id}>
            <button type="button" className="choice" onClick={() => onPick(user.id)}>
              <Tile id={user.id} name={user.display_name} />
              <span className="choice-text">
                <strong>{user.display_name}</strong>
                <small>@{user.username}</small>
              </span>
            </button>
          </li>
        ))}
      </ul>
      {shown.length === 0 && <p className="hint">{w.nothingFound}</p>}
    </>
  )
}

function Filter({ onQuery }: { onQuery: (query: string) => void }) {
  return (
    <div className="finder">
      <Icon name="search" />
      <input
        type="search"
        placeholder={w.findRoom}
        aria-label={w.findRoom}
        autoComplete="off"
        spellCheck={false}
        onInput={(e) => onQuery(e.currentTarget.value)}
      />
    </div>
  )
}

function Problem({ text: sentence }: { text: string | null }) {
  if (sentence === null) return null
  return (
    <p className="problem" role="alert">
      {sentence}
    </p>
  )
}
