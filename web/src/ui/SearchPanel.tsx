import { useEffect, useRef, useState } from 'react'
import type { SearchHit, SearchPage, Suggestions } from '../api/types'
import type { Api, Query } from '../core/api'
import { roomTitle } from '../core/model'
import { isKorean, marked } from '../core/text'
import { dayAndClock } from '../core/time'
import { language, sentence, w } from '../i18n'
import { useChat, useClient } from './context'
import { Icon } from './Icon'
import { go, roomPath, searchPath } from './route'
import { SearchFilters, type Filters } from './SearchFilters'
import { isComposing, useEnter } from './useEnter'

interface Props {
  api: Api
  room: number | undefined
  onClose: () => void
}

const PAGE = 30

export function SearchPanel({ api, room, onClose }: Props) {
  const field = useRef<HTMLInputElement>(null)
  const [filters, setFilters] = useState<Filters>({})
  const [asked, setAsked] = useState('')
  const { typed, suggestions, type } = useSuggestions(api)
  const { page, problem, more } = useResults(api, asked, filters)

  const ask = (q: string) => {
    const text = q.normalize('NFC').trim()
    setAsked(text)
    type('')
    if (field.current && field.current.value !== q) field.current.value = q
  }
  useEnter(field, (element) => ask(element.value))
  useEffect(() => field.current?.focus(), [])
  return (
    <aside
      className="search"
      aria-label={w.searchMessages}
      onKeyDown={(e) => {
        if (e.key === 'Escape' && !isComposing(e.nativeEvent)) onClose()
      }}
    >
      <header className="search-head">
        <div className="finder" role="search">
          <Icon name="search" />
          <input
            ref={field}
            type="search"
            placeholder={w.searchMessages}
            aria-label={w.searchMessages}
            autoComplete="off"
            spellCheck={false}
            enterKeyHint="search"
            onInput={(e) => type(e.currentTarget.value)}
          />
        </div>
        <button type="button" className="quiet" aria-label={w.close} onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <SearchFilters filters={filters} room={room} onFilters={setFilters} />
      {typed !== '' && <SuggestionList suggestions={suggestions} onPick={ask} />}
      <div className="results">
        <p className="results-total" role="status">
          {problem ?? total(asked, page)}
        </p>
        <ol>
          {page?.hits.map((hit) => (
            <li key={hit.message.id}>
              <Hit hit={hit} q={asked} />
            </li>
          ))}
        </ol>
        {page?.cursor != null && (
          <button type="button" className="more" onClick={more}>
            {w.more}
          </button>
        )}
      </div>
    </aside>
  )
}

function total(asked: string, page: SearchPage | null): string {
  if (asked === '') return w.searchHint
  if (!page) return w.loading
  const found = page.hits.length === 0 ? w.searchNone(asked) : w.searchTotal(page.total)
  return page.partial ? `${found} ${w.searchPartial}` : found
}

/** What the server proposes while one types, also within an open syllable. */
function useSuggestions(api: Api) {
  const [typed, setTyped] = useState('')
  const [suggestions, setSuggestions] = useState<Partial<Suggestions>>({})
  useEffect(() => {
    const q = typed.normalize('NFC').trim()
    if (q === '') return
    const abort = new AbortController()
    // Without suggestions one can still search; a failure needs no words.
    api.suggest(q, abort.signal).then(setSuggestions, () => undefined)
    return () => abort.abort()
  }, [api, typed])
  return { typed: typed.trim(), suggestions, type: setTyped }
}

function useResults(api: Api, asked: string, filters: Filters) {
  const [page, setPage] = useState<SearchPage | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const abort = useRef<AbortController | null>(null)
  const query: Query = { q: asked, limit: PAGE, ...filters }

  useEffect(() => {
    const { signal } = (abort.current = new AbortController())
    // eslint-disable-next-line react-hooks/set-state-in-effect -- the old answer is to another question
    setPage(null)
    setProblem(null)
    if (asked === '') return
    api.search({ q: asked, limit: PAGE, ...filters }, signal).then(setPage, (error: unknown) => {
      if (!signal.aborted) setProblem(sentence(error))
    })
    return () => abort.current?.abort()
  }, [api, asked, filters])

  const more = () => {
    const { signal } = abort.current ?? {}
    const cursor = page?.cursor
    if (cursor == null) return
    api.search({ ...query, cursor }, signal).then(
      (next) => {
        setPage((old) => {
          if (old?.cursor !== cursor) return old
          return { ...next, total: old.total, hits: [...old.hits, ...next.hits] }
        })
      },
      (error: unknown) => {
        if (!signal?.aborted) setProblem(sentence(error))
      },
    )
  }
  return { page, problem, more }
}

interface ListProps {
  suggestions: Partial<Suggestions>
  onPick: (q: string) => void
}

function SuggestionList({ suggestions, onPick }: ListProps) {
  const { completions = [], related = [], rooms = [] } = suggestions
  const me = useChat((state) => state.me?.id)
  const known = useChat((state) => state.rooms)
  const words = [...new Set(completions)].slice(0, 8)
  if (words.length + related.length + rooms.length === 0) return null
  return (
    <div className="suggestions" aria-label={w.suggestions} role="group">
      {words.map((word) => (
        <button type="button" key={word} onClick={() => onPick(word)}>
          <Icon name="search" />
          {word}
        </button>
      ))}
      {rooms.slice(0, 4).map((room) => {
        const full = known[room.id]
        return (
          <button type="button" key={room.id} onClick={() => go(roomPath(room.id))}>
            <span className="mark">#</span>
            {full ? roomTitle(full, me) : room.name}
          </button>
        )
      })}
      {related.length > 0 && (
        <div className="related">
          <small>{w.related}</small>
          {related.slice(0, 6).map((word) => (
            <button type="button" key={word} onClick={() => onPick(word)}>
              {word}
            </button>
          ))}
        </div>
      )}
    </div>
  )
}

function Hit({ hit, q }: { hit: SearchHit; q: string }) {
  const client = useClient()
  const { message } = hit
  const room = useChat((state) => state.rooms[message.room_id])
  const me = useChat((state) => state.me?.id)
  return (
    <a
      className="hit"
      href={searchPath(message.room_id, q, message.id)}
      onClick={(e) => {
        if (e.metaKey || e.ctrlKey || e.shiftKey) return
        e.preventDefault()
        // On a narrow screen the results cover the room.
        const narrow = matchMedia('(width < 48rem)').matches
        const { room_id, id } = message
        go(narrow ? roomPath(room_id, id) : searchPath(room_id, q, id))
      }}
    >
      <span className="hit-head">
        <strong>{message.author.display_name}</strong>
        {room && <span>{roomTitle(room, me)}</span>}
        <time dateTime={message.sent_at}>
          {dayAndClock(message.sent_at, language, client.now())}
        </time>
      </span>
      <span className="hit-text" lang={isKorean(message.text) ? 'ko' : undefined}>
        {marked(message.text, hit.highlights).map((part, index) =>
          part.marked ? <mark key={index}>{part.text}</mark> : part.text,
        )}
      </span>
    </a>
  )
}
