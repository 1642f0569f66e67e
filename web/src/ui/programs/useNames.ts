/** What people are called whom only an id tells; asked for together, a page at a time. */
import { useEffect, useState } from 'react'
import { useClient } from '../context'

/** As many as one question of the API names. */
const AT_ONCE = 100

export function useNames(ids: readonly number[] | undefined): Record<number, string> {
  const { api } = useClient()
  const [names, setNames] = useState<Record<number, string>>({})
  const wanted = [...new Set(ids)].sort((a, b) => a - b).join(',')
  useEffect(() => {
    let over = false
    const all = wanted === '' ? [] : wanted.split(',').map(Number)
    for (let at = 0; at < all.length; at += AT_ONCE) {
      api.people(all.slice(at, at + AT_ONCE)).then(
        (people) => {
          if (over) return
          const found = people.map((user) => [user.id, user.display_name])
          setNames(
            (known) => ({ ...known, ...Object.fromEntries(found) }) as Record<number, string>,
          )
        },
        // An id says less than a name, and is shown then.
        () => undefined,
      )
    }
    return () => {
      over = true
    }
  }, [api, wanted])
  return names
}
