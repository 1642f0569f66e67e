/** The answer to a line, page by page. */
import { useCallback, useEffect, useRef, useState } from 'react'
import type { SearchPage } from '../../api/types'
import type { Api, Query } from '../../core/api'
import { filterOf, midnight, parse } from '../../core/query'
import { roomTitle } from '../../core/model'
import type { State } from '../../core/model'
import { sentence } from '../../i18n'
import { useClient } from '../context'
import { memory } from './memory'

const PAGE = 30

export interface SearchResults {
  page: SearchPage | null
  problem: string | null
  /** Somebody or a room that the line names and nobody knows. */
  unknown: string | null
  more: () => void
}

export function useResults(api: Api, asked: string, times: number): SearchResults {
  const client = useClient()
  const kept = memory.of === asked ? memory.page : null
  const [state, setState] = useState<{
    of: string
    page: SearchPage | null
    problem: string | null
    unknown: string | null
  }>({ of: asked, page: kept, problem: null, unknown: null })
  const query = useRef<Query | null>(null)
  const fresh = state.of === asked

  useEffect(() => {
    const abort = new AbortController()
    const { signal } = abort
    const run = async () => {
      const asking = await toQuery(asked, api, client.store.state, client.now(), signal)
      if (typeof asking === 'string') {
        setState({ of: asked, page: null, problem: null, unknown: asking })
        return
      }
      query.current = asking
      if (!asking) {
        setState({ of: asked, page: null, problem: null, unknown: null })
        return
      }
      const page = await api.search(asking, signal)
      memory.page = page
      memory.of = asked
      setState({ of: asked, page, problem: null, unknown: null })
    }
    run().catch((error: unknown) => {
      if (!signal.aborted)
        setState({ of: asked, page: null, problem: sentence(error), unknown: null })
    })
    return () => abort.abort()
  }, [api, client, asked, times])

  const cursor = fresh ? state.page?.cursor : null
  const more = useCallback(() => {
    if (cursor == null || !query.current) return
    api.search({ ...query.current, cursor }).then(
      (next) =>
        setState((old) => {
          if (old.page?.cursor !== cursor) return old
          const page = { ...next, total: old.page.total, hits: [...old.page.hits, ...next.hits] }
          memory.page = page
          return { ...old, page }
        }),
      (error: unknown) => setState((old) => ({ ...old, problem: sentence(error) })),
    )
  }, [api, cursor])

  if (!fresh) return { page: null, problem: null, unknown: null, more }
  const { page, problem, unknown } = state
  return { page, problem, unknown, more }
}

/** The line as the server takes it: names become ids. A name that nobody has comes back as it is. */
async function toQuery(
  asked: string,
  api: Api,
  state: State,
  now: Date,
  signal: AbortSignal,
): Promise<Query | string | null> {
  const line = parse(asked)
  if (line.words === '' && line.filters.every(({ key }) => key === 'sort' || key === 'in'))
    return null
  const utc_offset_minutes = -now.getTimezoneOffset()
  const query: Query = { q: line.words, limit: PAGE, utc_offset_minutes }
  const from = filterOf(line, 'from')
  if (from !== undefined) {
    const name = from.replace(/^@/, '')
    const people = await api.findPeople(name, 10, signal)
    const found =
      people.find((user) => user.username === name) ??
      people.find((user) => user.display_name === name) ??
      people[0]
    if (!found) return from
    query.author_id = found.id
  }
  const within = filterOf(line, 'in')
  if (within !== undefined) {
    const name = within.replace(/^#/, '')
    const room = Object.values(state.rooms).find((one) => roomTitle(one, state.me?.id) === name)
    if (!room) return within
    query.room_id = room.id
  }
  const after = filterOf(line, 'after')
  const before = filterOf(line, 'before')
  if (after !== undefined) query.after = midnight(after, 0)
  // The day itself is part of it.
  if (before !== undefined) query.before = midnight(before, 1)
  query.has = filterOf(line, 'has')
  if (filterOf(line, 'sort') === 'newest') query.sort = 'newest'
  return query
}
