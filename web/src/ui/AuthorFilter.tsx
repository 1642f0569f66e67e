/** Whose messages are looked for: typed by half a name, shown as one that can be taken away. */
import { useId, useState } from 'react'
import type { Author } from '../api/types'
import { w } from '../i18n'
import { Icon } from './Icon'
import { usePeople } from './PickPerson'

export function AuthorFilter({ onAuthor }: { onAuthor: (id: number | undefined) => void }) {
  const id = useId()
  const [author, setAuthor] = useState<Author | null>(null)
  const [query, setQuery] = useState('')
  const { people } = usePeople(query, 6)
  const set = (next: Author | null) => {
    setAuthor(next)
    setQuery('')
    onAuthor(next?.id)
  }
  return (
    <div className="author-filter">
      <label htmlFor={id}>{w.byAuthor}</label>
      {author ? (
        <button type="button" id={id} className="chosen" onClick={() => set(null)}>
          {author.display_name}
          <Icon name="close" />
          <span className="unseen">{w.clear}</span>
        </button>
      ) : (
        <input
          id={id}
          type="search"
          placeholder={w.anyone}
          autoComplete="off"
          spellCheck={false}
          onInput={(e) => setQuery(e.currentTarget.value)}
        />
      )}
      {!author && people.length > 0 && (
        <ul className="suggestions" aria-label={w.findPerson}>
          {people.map((user) => (
            <li key={user.id}>
              <button type="button" onClick={() => set(user)}>
                {user.display_name} <small>@{user.username}</small>
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
