/** Calls people into a room: several, one after the other, all at once. */
import { useState } from 'react'
import type { Room, User } from '../../api/types'
import { useWords } from '../../i18n'
import { useChat, useClient } from '../context'
import { Icon } from '../Icon'
import { Filter } from '../people/Filter'
import { usePeople } from '../people/usePeople'
import { Problem } from '../Problem'
import { Tile } from '../Tile'
import { useAction } from '../useAction'
import './rooms.css'

interface Props {
  room: Room
  onAdded: (count: number) => void
}

export function AddPeople({ room, onAdded }: Props) {
  const w = useWords()
  const client = useClient()
  const me = useChat((state) => state.me?.id)
  const [query, setQuery] = useState('')
  const [chosen, setChosen] = useState<User[]>([])
  const { people, problem } = usePeople(query, 50, true)
  const action = useAction()
  const shown = people.filter((user) => user.id !== me && !user.disabled)
  const isChosen = (user: User) => chosen.some(({ id }) => id === user.id)
  const toggle = (user: User) =>
    setChosen(isChosen(user) ? chosen.filter(({ id }) => id !== user.id) : [...chosen, user])
  const add = () => {
    if (chosen.length === 0) return
    action.run(async () => {
      for (const { id } of chosen) await client.api.addMember(room.id, id)
      onAdded(chosen.length)
    })
  }
  return (
    <>
      <Filter label={w.findPerson} onQuery={setQuery} />
      <Problem text={problem ?? action.problem} />
      <ul className="choices direct-people">
        {shown.map((user) => (
          <li key={user.id}>
            <button
              type="button"
              className="choice"
              aria-pressed={isChosen(user)}
              onClick={() => toggle(user)}
            >
              <Tile id={user.id} name={user.display_name} />
              <span className="choice-text">
                <strong>{user.display_name}</strong>
                <small>@{user.username}</small>
              </span>
              {isChosen(user) && <Icon name="check" />}
            </button>
          </li>
        ))}
      </ul>
      {shown.length === 0 && problem === null && <p className="hint">{w.nothingFound}</p>}
      <div className="buttons">
        <button
          type="button"
          className="primary"
          aria-disabled={chosen.length === 0 || action.busy}
          onClick={add}
        >
          {chosen.length === 0 ? w.addMember : w.addThese(chosen.length)}
        </button>
      </div>
    </>
  )
}
