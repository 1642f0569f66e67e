/** A conversation with one person or a few: chosen by half a name, each shown as one that can go. */
import { useRef, useState } from 'react'
import type { User } from '../../api/types'
import { useWords } from '../../i18n'
import { useChat } from '../context'
import { Icon } from '../Icon'
import { Dialog } from '../parts/Dialog'
import { useCombobox } from '../parts/useCombobox'
import { usePeople } from '../people/usePeople'
import { Problem } from '../Problem'
import { Tile } from '../Tile'
import { useAction } from '../useAction'
import { useDirect } from './useDirect'
import '../parts/chips.css'
import './rooms.css'

/** As many as the server takes, without oneself. */
const MOST = 7

export default function Direct({ onClose }: { onClose: () => void }) {
  const w = useWords()
  const me = useChat((state) => state.me?.id)
  const direct = useDirect()
  const field = useRef<HTMLInputElement>(null)
  const [query, setQuery] = useState('')
  const [chosen, setChosen] = useState<User[]>([])
  const { people, problem } = usePeople(query, 50, true)
  const action = useAction()
  const shown = people.filter(
    (user) => user.id !== me && !user.disabled && !chosen.some(({ id }) => id === user.id),
  )
  const full = chosen.length >= MOST

  const clear = () => {
    if (field.current) field.current.value = ''
    setQuery('')
    field.current?.focus()
  }
  const add = (user: User | undefined) => {
    if (!user || full) return
    setChosen([...chosen, user])
    clear()
  }
  const start = () => {
    if (chosen.length === 0) return
    action.run(async () => {
      await direct.open(chosen.map(({ id }) => id))
      onClose()
    })
  }
  const box = useCombobox({
    field,
    count: shown.length,
    question: query,
    loose: query.trim() === '',
    onPick: (index) => add(shown[index]),
    onEnter: start,
  })
  return (
    <Dialog
      title={w.newDirect}
      onClose={onClose}
      foot={
        <button
          type="button"
          className="primary"
          aria-disabled={chosen.length === 0 || action.busy}
          onClick={start}
        >
          {w.startDirect}
        </button>
      }
    >
      <div className="chips">
        {chosen.map((user) => (
          <button
            key={user.id}
            type="button"
            className="chip"
            aria-label={`${w.clear}: ${user.display_name}`}
            onClick={() => setChosen(chosen.filter(({ id }) => id !== user.id))}
          >
            {user.display_name}
            <Icon name="close" />
          </button>
        ))}
        <input
          ref={field}
          type="search"
          placeholder={chosen.length === 0 ? w.findPerson : w.oneMorePerson}
          aria-label={w.findPerson}
          onInput={(e) => setQuery(e.currentTarget.value)}
          {...box.input}
          onKeyDown={(e) => {
            const last = chosen.at(-1)
            if (e.key === 'Backspace' && e.currentTarget.value === '' && last) {
              setChosen(chosen.slice(0, -1))
            } else box.input.onKeyDown(e)
          }}
        />
      </div>
      <p className="hint">{full ? w.directFull(MOST) : w.directHint}</p>
      <Problem text={problem ?? action.problem} />
      <ul className="choices direct-people" aria-label={w.findPerson} {...box.list}>
        {shown.map((user, index) => (
          <li key={user.id} className="choice" {...box.option(index)}>
            <Tile id={user.id} name={user.display_name} />
            <span className="choice-text">
              <strong>{user.display_name}</strong>
              <small>@{user.username}</small>
            </span>
          </li>
        ))}
      </ul>
      {shown.length === 0 && problem === null && query !== '' && (
        <p className="hint">{w.nothingFound}</p>
      )}
    </Dialog>
  )
}
