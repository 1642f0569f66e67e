/** Who is in a room, a page at a time; its owners change who owns it and who stays. */
import { useEffect, useState } from 'react'
import type { Member, Room } from '../api/types'
import { language, w } from '../i18n'
import { useChat, useClient } from './context'
import { Filter } from './PickPerson'
import { Problem } from './Problem'
import { Tile } from './Tile'
import { useAction } from './useAction'

const PAGE = 50

export function Members({ room, manages }: { room: Room; manages: boolean }) {
  const client = useClient()
  const me = useChat((state) => state.me?.id)
  const [members, setMembers] = useState<Member[]>([])
  const [more, setMore] = useState(false)
  const [query, setQuery] = useState('')
  const { problem, run } = useAction()
  const { api } = client
  const { id } = room
  const q = query.normalize('NFC').trim()

  useEffect(() => {
    const abort = new AbortController()
    run(async () => {
      try {
        const page = await api.members(id, { q, limit: PAGE }, abort.signal)
        setMembers(page)
        setMore(q === '' && page.length === PAGE)
      } catch (error) {
        if (!abort.signal.aborted) throw error
      }
    })
    return () => abort.abort()
  }, [api, run, id, q])

  const next = () =>
    run(async () => {
      const after = members.at(-1)?.user.id ?? 0
      const page = await api.members(id, { after, limit: PAGE })
      setMembers([...members, ...page])
      setMore(page.length === PAGE)
    })
  const remove = (user: number) =>
    run(async () => {
      await api.removeMember(id, user)
      setMembers(members.filter((m) => m.user.id !== user))
    })
  const setOwner = (user: number, owner: boolean) =>
    run(async () => {
      const role = owner ? 'owner' : 'member'
      await api.addMember(id, user, role)
      setMembers(members.map((m) => (m.user.id === user ? { ...m, role } : m)))
    })
  return (
    <>
      <h3>
        {w.memberList} <small>{room.member_count.toLocaleString(language)}</small>
      </h3>
      {room.member_count > PAGE && <Filter label={w.findPerson} onQuery={setQuery} />}
      <Problem text={problem} />
      <ul className="choices">
        {members.map(({ user, role }) => (
          <li key={user.id} className="choice">
            <Tile id={user.id} name={user.display_name} />
            <span className="choice-text">
              <strong>{user.display_name}</strong>
              <small>@{user.username}</small>
            </span>
            {role === 'owner' && room.kind !== 'direct' && <small>{w.owner}</small>}
            {manages && user.id !== me && (
              <span className="choice-tools">
                <button
                  type="button"
                  aria-label={`${role === 'owner' ? w.noOwner : w.makeOwner}: ${user.display_name}`}
                  onClick={() => setOwner(user.id, role !== 'owner')}
                >
                  {role === 'owner' ? w.noOwner : w.makeOwner}
                </button>
                <button
                  type="button"
                  aria-label={`${w.removeMember}: ${user.display_name}`}
                  onClick={() => remove(user.id)}
                >
                  {w.removeMember}
                </button>
              </span>
            )}
          </li>
        ))}
      </ul>
      {q !== '' && members.length === 0 && problem === null && (
        <p className="hint">{w.nothingFound}</p>
      )}
      {more && (
        <button type="button" className="more" onClick={next}>
          {w.more}
        </button>
      )}
    </>
  )
}
