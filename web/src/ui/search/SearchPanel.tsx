/** Searching as a place: what is asked stands in the address, filters are chips that can go. */
import { useLayoutEffect, useRef, useState } from 'react'
import type { Api } from '../../core/api'
import { format, parse, typing, withFilter, withoutTyping, type Line } from '../../core/query'
import { useWords } from '../../i18n'
import { Icon } from '../Icon'
import { useCombobox } from '../parts/useCombobox'
import { useReturn } from '../panel/useReturn'
import { go, searchPath, useRoute } from '../route'
import { isComposing } from '../composing'
import { Filters } from './Filters'
import { Chips } from './Chips'
import { Results } from './Results'
import { memory } from './memory'
import { useProposals } from './useProposals'
import { useResults } from './useResults'
import './search.css'

interface Props {
  api: Api
  room: number | undefined
  onClose: () => void
}

export default function SearchPanel({ api, room, onClose }: Props) {
  const w = useWords()
  const route = useRoute()
  const panel = useRef<HTMLElement>(null)
  const field = useRef<HTMLInputElement>(null)
  // Opened without a question, it shows what was asked last.
  const asked = route.query !== '' ? route.query : memory.asked
  const line = parse(asked)
  const [typed, setTyped] = useState<string | null>(null)
  // The same question again may have another answer by now.
  const [times, setTimes] = useState(0)
  const results = useResults(api, asked, times)
  const proposals = useProposals(api, typed)

  /** Asks this; the field keeps the words only. */
  const ask = (next: Line) => {
    const q = format(next)
    memory.asked = q
    setTyped(null)
    if (field.current) field.current.value = next.words
    if (q === asked) setTimes(times + 1)
    go(searchPath(room, q), q === asked)
  }
  const askTyped = (text: string) => {
    const read = parse(text)
    const filters = [...line.filters, ...read.filters]
    ask(parse(format({ words: read.words, filters })))
  }
  const box = useCombobox({
    field,
    count: typed === null ? 0 : proposals.length,
    question: typed ?? '',
    loose: typing(typed ?? '') === null,
    onPick: (index) => {
      const chosen = proposals[index]
      if (!chosen) return
      if (chosen.kind === 'go') {
        setTyped(null)
        go(chosen.to)
      } else if (chosen.kind === 'filter') {
        ask(withFilter({ ...line, words: withoutTyping(typed ?? '') }, chosen.key, chosen.value))
        field.current?.focus()
      } else ask({ ...line, words: chosen.text })
    },
    onEnter: askTyped,
  })

  // The address may be about another question than the field.
  useLayoutEffect(() => {
    const element = field.current
    if (element && document.activeElement !== element) element.value = parse(asked).words
  }, [asked])
  // The focus comes in, and goes back to where it was.
  useReturn(() => {
    field.current?.focus()
    field.current?.select()
  }, panel)

  return (
    <aside
      ref={panel}
      className="panel search"
      aria-label={w.searchMessages}
      // Without a room it is what the page is about, and where one skips to.
      id={room === undefined ? 'middle' : undefined}
      tabIndex={-1}
      onKeyDown={(e) => {
        // Below the question is what was found.
        if (e.key === 'ArrowDown' && e.target === field.current && !e.defaultPrevented) {
          const first = e.currentTarget.querySelector<HTMLElement>('.hit')
          if (!first || isComposing(e.nativeEvent)) return
          e.preventDefault()
          first.focus()
        }
        if (e.key !== 'Escape' || e.defaultPrevented || isComposing(e.nativeEvent)) return
        // Escape first closes the list of proposals.
        if (typed !== null && proposals.length > 0) setTyped(null)
        else onClose()
      }}
    >
      <header className="search-head">
        <button type="button" className="quiet narrow" aria-label={w.back} onClick={onClose}>
          <Icon name="back" />
        </button>
        <div className="finder" role="search">
          <Icon name="search" />
          <input
            ref={field}
            type="search"
            defaultValue={line.words}
            placeholder={w.searchMessages}
            aria-label={w.searchMessages}
            enterKeyHint="search"
            onInput={(e) => setTyped(e.currentTarget.value)}
            onBlur={() => setTyped(null)}
            {...box.input}
          />
          {(typed ?? line.words) !== '' && (
            <button
              type="button"
              className="quiet"
              aria-label={w.clear}
              onClick={() => {
                ask({ ...line, words: '' })
                field.current?.focus()
              }}
            >
              <Icon name="close" />
            </button>
          )}
          {typed !== null && proposals.length > 0 && (
            <ul className="proposals" aria-label={w.suggestions} {...box.list}>
              {proposals.map((one, index) => (
                <li key={one.id} className="proposal" {...box.option(index)}>
                  <Icon name={one.icon} />
                  <span>{one.label}</span>
                  {one.aside !== undefined && <small>{one.aside}</small>}
                </li>
              ))}
            </ul>
          )}
        </div>
        <button type="button" className="quiet wide" aria-label={w.close} onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <Filters line={line} room={room} onLine={ask} />
      <Chips line={line} onLine={ask} />
      <Results
        line={line}
        results={results}
        current={route.message}
        onLine={ask}
        toField={() => field.current?.focus()}
      />
    </aside>
  )
}
