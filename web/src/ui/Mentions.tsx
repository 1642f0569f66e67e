/** Choosing people after `@`. The list follows every input; the text changes between compositions. */
import { useCallback, useEffect, useId, useMemo, useRef, useState, type RefObject } from 'react'
import type { Author } from '../api/types'
import { mentionQuery, stillNamed, type Chosen } from '../core/mentions'
import { w } from '../i18n'
import { useChat, useClient } from './context'
import { Tile } from './Tile'

interface Options {
  room: number
  /** Chosen before, as a draft remembers them. */
  chosen?: () => Chosen[]
  onChosen?: (chosen: Chosen[]) => void
}

export function useMentions(field: RefObject<HTMLTextAreaElement | null>, options: Options) {
  const client = useClient()
  const { room, onChosen } = options
  // Whoever comes or goes changes who may be named.
  const members = useChat((state) => state.rooms[room]?.member_count)
  // eslint-disable-next-line react-hooks/exhaustive-deps -- a new count is a new directory
  const directory = useMemo(() => client.directory(room), [client, room, members])
  const [query, setQuery] = useState<string | null>(null)
  const [picked, setPicked] = useState(0)
  const [people, setPeople] = useState<Author[]>([])
  const live = useRef<string | null>(null)
  const chosen = useRef<Chosen[] | null>(null)
  const list = useId()

  const show = useCallback(
    (next: string | null) => {
      live.current = next
      setQuery(next)
      setPicked(0)
      setPeople(next === null ? [] : directory.best(next))
    },
    [directory],
  )
  useEffect(() => {
    if (query === null) return
    let over = false
    void directory.look(query).then((news) => {
      if (news && !over) setPeople(directory.best(query))
    })
    return () => {
      over = true
    }
  }, [directory, query])

  /** Looks at the text before the caret; allowed at any time, for it only reads. */
  const look = useCallback(() => {
    const element = field.current
    if (!element) return
    const next = mentionQuery(element.value.slice(0, element.selectionStart))
    if (next !== live.current) show(next)
  }, [field, show])
  /** The caret moved: an open list follows it, none opens. */
  const follow = useCallback(() => {
    if (live.current !== null) look()
  }, [look])

  const all = () => (chosen.current ??= options.chosen?.() ?? [])
  const insert = (user: Author) => {
    const element = field.current
    if (!element) return
    const end = element.selectionStart
    const at = element.value.slice(0, end).lastIndexOf('@')
    chosen.current = [...all(), { id: user.id, name: user.display_name }]
    element.setRangeText(`@${user.display_name} `, at, end, 'end')
    onChosen?.(chosen.current)
    element.dispatchEvent(new Event('input', { bubbles: true }))
    element.focus()
    show(null)
  }

  const person = people[picked]
  return {
    field,
    people,
    picked,
    list,
    look,
    follow,
    insert,
    close: useCallback(() => show(null), [show]),
    /** The ids of the chosen people who stand in the text. */
    named: (text: string) => stillNamed(all(), text),
    /** The text is gone, and with it whoever was chosen for it. */
    forget: () => {
      chosen.current = []
    },
    /** Takes the marked person; false when there is none to take. */
    chooseCurrent: (): boolean => {
      if (!person) return false
      insert(person)
      return true
    },
    /** Keys of the list; true when it was one. */
    onKey: (key: string): boolean => {
      if (!person) return false
      const { length } = people
      if (key === 'ArrowDown') setPicked((picked + 1) % length)
      else if (key === 'ArrowUp') setPicked((picked + length - 1) % length)
      else if (key === 'Tab') insert(person)
      else if (key === 'Escape') show(null)
      else return false
      return true
    },
    aria: person
      ? {
          role: 'combobox',
          'aria-multiline': true,
          'aria-expanded': true,
          'aria-haspopup': 'listbox' as const,
          'aria-controls': list,
          'aria-activedescendant': `${list}-${person.id}`,
          'aria-autocomplete': 'list' as const,
        }
      : {},
  }
}

export function MentionList({ mentions }: { mentions: ReturnType<typeof useMentions> }) {
  const { people, picked, insert, field, list } = mentions
  return (
    <>
      <p className="unseen" role="status">
        {people.length > 0 && w.peopleFound(people.length)}
      </p>
      {people.length > 0 && (
        <ul id={list} className="mentions" role="listbox" aria-label={w.memberList}>
          {people.map((user, index) => (
            <li
              key={user.id}
              id={`${list}-${user.id}`}
              role="option"
              aria-selected={index === picked}
              onPointerDown={(e) => {
                e.preventDefault()
                // Ends an open composition; only then the text may be written to.
                field.current?.blur()
                setTimeout(() => insert(user))
              }}
            >
              <Tile id={user.id} name={user.display_name} />
              <strong>{user.display_name}</strong>
              <small>@{user.username}</small>
            </li>
          ))}
        </ul>
      )}
    </>
  )
}
