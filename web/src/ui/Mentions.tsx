/** Choosing people after `@`. The list follows every input; the text changes between compositions. */
import { useCallback, useMemo, useRef, useState, type RefObject } from 'react'
import type { Author } from '../api/types'
import { find } from '../core/hangul'
import { w } from '../i18n'
import { useChat } from './context'
import { Tile } from './Tile'

const SHOWN = 6

export function useMentions(field: RefObject<HTMLTextAreaElement | null>) {
  const users = useChat((state) => state.users)
  const [query, setQuery] = useState<string | null>(null)
  const [picked, setPicked] = useState(0)
  const live = useRef({ query, picked })

  const people = useMemo(() => {
    if (query === null) return []
    const all = Object.values(users)
    return find(query, all, (user) => [user.display_name, user.username]).slice(0, SHOWN)
  }, [query, users])

  const show = useCallback((next: string | null, at = 0) => {
    live.current = { query: next, picked: at }
    setQuery(next)
    setPicked(at)
  }, [])

  /** Looks at the text before the caret; allowed at any time, for it only reads. */
  const look = useCallback(() => {
    const element = field.current
    if (!element) return
    const before = element.value.slice(0, element.selectionStart)
    const next = /(?:^|\s)@([^\s@]{0,40})$/u.exec(before)?.[1] ?? null
    if (next !== live.current.query) show(next)
  }, [field, show])

  const insert = useCallback(
    (user: Author) => {
      const element = field.current
      if (!element) return
      const end = element.selectionStart
      const at = element.value.slice(0, end).lastIndexOf('@')
      element.setRangeText(`@${user.username} `, at, end, 'end')
      element.dispatchEvent(new Event('input', { bubbles: true }))
      element.focus()
      show(null)
    },
    [field, show],
  )

  const person = people[picked]
  return {
    field,
    people,
    picked,
    look,
    insert,
    close: useCallback(() => show(null), [show]),
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
      if (key === 'ArrowDown') show(query, (picked + 1) % length)
      else if (key === 'ArrowUp') show(query, (picked + length - 1) % length)
      else if (key === 'Tab') insert(person)
      else if (key === 'Escape') show(null)
      else return false
      return true
    },
    aria: person
      ? {
          'aria-controls': 'mention-list',
          'aria-activedescendant': `mention-${person.id}`,
          'aria-autocomplete': 'list' as const,
        }
      : {},
  }
}

export function MentionList({ mentions }: { mentions: ReturnType<typeof useMentions> }) {
  const { people, picked, insert, field } = mentions
  if (people.length === 0) return null
  return (
    <ul id="mention-list" className="mentions" role="listbox" aria-label={w.memberList}>
      {people.map((user, index) => (
        <li
          key={user.id}
          id={`mention-${user.id}`}
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
  )
}
