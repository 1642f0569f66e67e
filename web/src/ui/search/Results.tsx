/** What was found. Arrows go from one to the next; the one that is open is marked. */
import { useEffect, useLayoutEffect, useMemo, useRef } from 'react'
import type { SearchHit } from '../../api/types'
import { otherKeyboard } from '../../core/hangul'
import { roomTitle } from '../../core/model'
import { excerpt } from '../../core/markdown/excerpt'
import { looser, withFilter, type Line } from '../../core/query'
import { isKorean, marked } from '../../core/text'
import { brief, dayAndClock } from '../../core/time'
import { useWords } from '../../i18n'
import { useChat, useClient } from '../context'
import { Icon } from '../Icon'
import { moved } from '../parts/moved'
import { go, roomPath, searchPath, useRoute } from '../route'
import { Tile } from '../Tile'
import { named } from './Chips'
import { light } from './light'
import { memory } from './memory'
import type { SearchResults } from './useResults'

interface Props {
  line: Line
  results: SearchResults
  /** The message that is open. */
  current: number | undefined
  onLine: (line: Line) => void
  /** Above the first of them is the question. */
  toField: () => void
}

export function Results({ line, results, current, onLine, toField }: Props) {
  const w = useWords()
  const { page, problem, unknown, more } = results
  const box = useRef<HTMLDivElement>(null)
  const asked = line.words !== '' || line.filters.length > 0
  const empty = page?.hits.length === 0

  useLayoutEffect(() => {
    if (box.current) box.current.scrollTop = memory.scrolled
  }, [])
  useEffect(() => {
    const hit = page?.hits.find(({ message }) => message.id === current)
    if (!hit) return
    return light(
      marked(hit.message.text, hit.highlights).flatMap((p) => (p.marked ? [p.text] : [])),
    )
  }, [page, current])

  const said = () => {
    if (problem !== null) return problem
    if (unknown !== null) return w.searchUnknown(unknown)
    if (!asked) return w.searchHint
    if (!page) return w.loading
    const found = empty ? w.searchNone(line.words) : w.searchTotal(page.total)
    return page.partial ? `${found} ${w.searchPartial}` : found
  }
  return (
    <div
      ref={box}
      className="results"
      onScroll={(e) => {
        memory.scrolled = e.currentTarget.scrollTop
      }}
    >
      <p className="results-total" role="status">
        {said()}
      </p>
      {page?.interpreted_as != null && !empty && (
        <p className="results-instead">{w.searchInterpreted(page.interpreted_as)}</p>
      )}
      {!page && asked && problem === null && unknown === null && <Skeleton />}
      {empty && <WaysOut line={line} onLine={onLine} />}
      <ol
        onKeyDown={(e) => {
          const links = [...e.currentTarget.querySelectorAll<HTMLElement>('.hit')]
          const at = links.indexOf(e.target as HTMLElement)
          if (at === 0 && e.key === 'ArrowUp') {
            e.preventDefault()
            toField()
          }
          const next = moved(e.key, at, links.length, 'vertical', false)
          if (next === null) return
          e.preventDefault()
          links[next]?.focus()
        }}
      >
        {page?.hits.map((hit) => (
          <li key={hit.message.id}>
            <Hit hit={hit} current={hit.message.id === current} />
          </li>
        ))}
      </ol>
      {page?.cursor != null && (
        <button type="button" className="more" onClick={more}>
          {w.more}
        </button>
      )}
    </div>
  )
}

function Hit({ hit, current }: { hit: SearchHit; current: boolean }) {
  const w = useWords()
  const client = useClient()
  const route = useRoute()
  const { message } = hit
  const { author, room_id, id } = message
  const room = useChat((state) => state.rooms[room_id])
  const me = useChat((state) => state.me?.id)
  const { highlights } = hit
  const parts = useMemo(() => excerpt(message.text, highlights), [message.text, highlights])
  const beside = searchPath(room_id, route.query === '' ? memory.asked : route.query, id)
  return (
    <a
      className="hit"
      href={beside}
      aria-current={current ? 'true' : undefined}
      onClick={(e) => {
        if (e.metaKey || e.ctrlKey || e.shiftKey) return
        e.preventDefault()
        // On a narrow screen the results cover the room.
        go(matchMedia('(width < 48rem)').matches ? roomPath(room_id, id) : beside)
      }}
    >
      <Tile id={author.id} name={author.display_name} />
      <span className="hit-body">
        <span className="hit-head">
          <strong>{author.display_name}</strong>
          {room && (
            <span>
              {room.kind === 'direct' ? '' : '#'}
              {roomTitle(room, me)}
            </span>
          )}
          <time
            dateTime={message.sent_at}
            title={dayAndClock(message.sent_at, w.language, client.now())}
          >
            {brief(message.sent_at, w.language, client.now())}
          </time>
        </span>
        <span className="hit-text" lang={isKorean(message.text) ? 'ko' : undefined}>
          {parts.map((part, index) =>
            part.marked ? <mark key={index}>{part.text}</mark> : part.text,
          )}
        </span>
      </span>
    </a>
  )
}

/** Whoever types Latin words on a Korean keyboard leaves letters that make no syllable. */
const ONLY_SYLLABLES = /^[가-힣\s]*$/

/** Nothing was found: looser words, fewer filters, the other keyboard. */
function WaysOut({ line, onLine }: { line: Line; onLine: (line: Line) => void }) {
  const w = useWords()
  const swapped = otherKeyboard(line.words)
  const ways: { label: string; to: Line }[] = [
    ...looser(line).map((to) => ({ label: w.searchInstead(to.words), to })),
    ...line.filters
      .filter(({ key }) => key !== 'sort')
      .map((filter) => ({
        label: w.searchWithout(named(w, filter)),
        to: withFilter(line, filter.key, ''),
      })),
    ...(line.filters.length > 1
      ? [{ label: w.searchNoFilters, to: { ...line, filters: [] } }]
      : []),
    ...(swapped !== line.words && !ONLY_SYLLABLES.test(line.words)
      ? [{ label: w.searchInstead(swapped), to: { ...line, words: swapped } }]
      : []),
  ]
  return (
    <div className="empty">
      <Icon name="search" />
      <strong>{w.searchNoneHere}</strong>
      <p>{ways.length > 0 ? w.searchTry : w.searchOtherWords}</p>
      <div className="ways">
        {ways.map(({ label, to }) => (
          <button key={label} type="button" onClick={() => onLine(to)}>
            {label}
          </button>
        ))}
      </div>
    </div>
  )
}

function Skeleton() {
  return (
    <div className="results-waiting" aria-hidden="true">
      {[80, 64, 72].map((width) => (
        <span key={width} className="skeleton" style={{ width: `${width}%` }} />
      ))}
    </div>
  )
}
