/** A list of the server, page by page. */
import { useCallback, useEffect, useState } from 'react'
import { useAction } from '../useAction'

interface Page<T, C> {
  items: T[]
  cursor: C | undefined
}

/** `ask` gives the first page where no cursor is given; `again` loads the list anew. */
export function useList<T, C>(ask: (cursor?: C) => Promise<Page<T, C>>, again: unknown) {
  const [items, setItems] = useState<T[] | null>(null)
  const [cursor, setCursor] = useState<C>()
  const { problem, run } = useAction()
  const load = useCallback(
    (from?: C) =>
      run(async () => {
        const page = await ask(from)
        setItems((old) => (from === undefined ? page.items : [...(old ?? []), ...page.items]))
        setCursor(page.cursor)
      }),
    [run, ask],
  )
  useEffect(() => load(), [load, again])
  return {
    items,
    problem,
    onMore: cursor === undefined ? undefined : () => load(cursor),
    /** Takes one out at once. */
    drop: (goes: (item: T) => boolean) =>
      setItems((old) => old?.filter((item) => !goes(item)) ?? null),
  }
}
