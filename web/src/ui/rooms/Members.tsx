/** Who is in a room, a page at a time; its owners change who owns it and who stays. */
import { useEffect, useState } from 'react'
import type { Member, Room } from '../../api/types'
import { useWords } from '../../i18n'
import { useChat, useClient } from '../context'
import { Confirm } from '../parts/Dialog'
import { Menu, type MenuItem } from '../parts/Menu'
import { Filter } from '../people/Filter'
import { Problem } from '../Problem'
import { Present } from '../sidebar/Row'
import { Tile } from '../Tile'
import { useAction } from '../useAction'
import { useDirect } from './useDirect'

const PAGE = 50
/** A list this short is seen at once. */
const FEW = 12

interface Props {
  room: Room
  manages: boolean
  /** What stands around them says what they are. */
  titled?: boolean
}

export function Members({ room, manages, titled = true }: Props) {
  const w = useWords()
  const client = useClient()
  const { api } = client
  const direct = useDirect()
  const me = useChat((state) => state.me?.id)
  const [members, setMembers] = useState<Member[] | null>(null)
  const [more, setMore] = useState(false)
  const [query, setQuery] = useState('')
  const [leaving, setLeaving] = useState<Member | null>(null)
  const { problem, run } = useAction()
  const { id } = room
  const q = query.normalize('NFC').trim()

  useEffect(() => {
    const abort = new AbortController()
    run(async () => {
      try {
        const page = await api.members(id, { q, limit: PAGE }, abort.signal)
        client.store.dispatch({ type: 'users', users: page.map(({ user }) => user) })
        setMembers(page)
        setMore(q === '' && page.length === PAGE)
      } catch (error) {
        if (!abort.signal.aborted) throw error
      }
    })
    return () => abort.abort()
  }, [client, api, run, id, q])

  const next = () =>
    run(async () => {
      const after = members?.at(-1)?.user.id ?? 0
      const page = await api.members(id, { after, limit: PAGE })
      setMembers([...(members ?? []), ...page])
      setMore(page.length === PAGE)
    })
  const remove = (user: number) =>
    run(async () => {
      await api.removeMember(id, user)
      setMembers(members?.filter((m) => m.user.id !== user) ?? null)
    })
  const setOwner = (user: number, owner: boolean) =>
    run(async () => {
      const role = owner ? 'owner' : 'member'
      await api.addMember(id, user, role)
      setMembers(members?.map((m) => (m.user.id === user ? { ...m, role } : m)) ?? null)
    })
  const actsOn = (member: Member): MenuItem[] => {
    const { user, role } = member
    if (user.id === me) return []
    const talk: MenuItem = {
      label: w.talkTo,
      icon: 'chat',
      onPick: () => direct.start([user.id]),
    }
    if (!manages) return room.kind === 'direct' && room.member_count === 2 ? [] : [talk]
    return [
      talk,
      {
        label: role === 'owner' ? w.noOwner : w.makeOwner,
        icon: 'key',
        onPick: () => setOwner(user.id, role !== 'owner'),
      },
      {
        label: w.removeMember,
        icon: 'leave',
        danger: true,
        apart: true,
        onPick: () => setLeaving(member),
      },
    ]
  }
  return (
    <>
      {titled && (
        <h3>
          {w.memberList} <small>{room.member_count.toLocaleString(w.language)}</small>
        </h3>
      )}
      {room.member_count > FEW && <Filter label={w.findPerson} onQuery={setQuery} />}
      <Problem text={problem} />
      <ul className="choices" aria-busy={members === null}>
        {members === null &&
          problem === null &&
          [1, 2, 3].map((n) => (
            <li key={n} className="choice" aria-hidden="true">
              <span className="skeleton tile" />
              <span className="skeleton" style={{ width: '40%' }} />
            </li>
          ))}
        {members?.map((member) => {
          const { user, role } = member
          return (
            <li key={user.id} className="choice">
              <span className="mark-person">
                <Tile id={user.id} name={user.display_name} />
                <Present id={user.id} />
              </span>
              <span className="choice-text">
                <strong>
                  {user.display_name}
                  {user.status?.emoji != null && ` ${user.status.emoji}`}
                </strong>
                <small>@{user.username}</small>
              </span>
              {role === 'owner' && room.kind !== 'direct' && <span className="tag">{w.owner}</span>}
              <Menu label={w.personMenu(user.display_name)} items={actsOn(member)} />
            </li>
          )
        })}
      </ul>
      {q !== '' && members?.length === 0 && problem === null && (
        <p className="hint">{w.nothingFound}</p>
      )}
      {more && (
        <button type="button" className="more" onClick={next}>
          {w.more}
        </button>
      )}
      {leaving && (
        <Confirm
          title={w.removeSureFrom(leaving.user.display_name)}
          confirm={w.removeMember}
          onConfirm={() => remove(leaving.user.id)}
          onClose={() => setLeaving(null)}
        />
      )}
    </>
  )
}
