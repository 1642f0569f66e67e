/** Finding somebody in the whole house: the server looks, for nobody holds everybody. */
import { useEffect, useState } from 'react'
import type { User } from '../api/types'
import { sentence, w } from '../i18n'
import { useChat, useClient } from './context'
import { Icon } from './Icon'
import { Problem } from './Problem'
import { Tile } from './Tile'

/** The people whom a half-typed name may mean; with `all`, the first of all while it is empty. */
export function usePeople(typed: string, limit: number, all = false) {
  const { api } = useClient()
  const [people, setPeople] = useState<User[]>([])
  const [problem, setProblem] = useState<string | null>(null)
  const q = typed.normalize('NFC').trim()
  const idle = q === '' && !all
  useEffect(() => {
    if (idle) return
    const abort = new AbortController()
    const { signal } = abort
    api.findPeople(q, limit, signal).then(
      (found) => {
        setPeople(found)
        setProblem(null)
      },
      (error: unknown) => {
        if (!signal.aborted) setProblem(sentence(error))
      },
    )
    return () => abort.abort()
  }, [api, q, limit, idle])
  return { people: idle ? [] : people, problem: idle ? null : problem }
}

interface Props {
  without: readonly number[]
  onPick: (id: number) => void
}

export function PickPerson({ without, onPick }: Props) {
  const me = useChat((state) => state.me?.id)
  const [query, setQuery] = useState('')
  const { people, problem } = usePeople(query, 50, true)
  const shown = people.filter((u) => u.id !== me && !u.disabled && !without.includes(u.id))
  return (
    <>
      <Filter label={w.findPerson} onQuery={setQuery} />
      <Problem text={problem} />
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
      {shown.length === 0 && problem === null && <p className="hint">{w.nothingFound}</p>}
    </>
  )
}

export function Filter({ label, onQuery }: { label: string; onQuery: (query: string) => void }) {
  return (
    <div className="finder">
      <Icon name="search" />
      <input
        type="search"
        placeholder={label}
        aria-label={label}
        autoComplete="off"
        spellCheck={false}
        onInput={(e) => onQuery(e.currentTarget.value)}
      />
    </div>
  )
}
