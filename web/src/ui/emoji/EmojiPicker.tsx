/**
 * All emoji in a grid below a field: the focus stays in the field, arrows move in the grid, one
 * Enter takes what is marked.
 */
import {
  memo,
  useDeferredValue,
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react'
import { type Emoji } from '../../core/emojis/find'
import { withTone, type Tone } from '../../core/emojis/emoji'
import { useWords } from '../../i18n'
import { isComposing } from '../composing'
import { useEnter } from '../useEnter'
import { emojis } from './data'
import './emoji.css'
import { chooseTone, likelyEmoji, usedEmoji, useRecent, useTone } from './used'

const COLUMNS = 9
const TONES: Tone[] = [0, 1, 2, 3, 4, 5]
const GROUPS = [0, 1, 3, 4, 5, 6, 7, 8, 9] as const
const SIGNS: Record<number, string> = {
  0: '😀',
  1: '👋',
  3: '🐻',
  4: '🍚',
  5: '🚌',
  6: '⚽',
  7: '💡',
  8: '💕',
  9: '🏳️',
}

interface Section {
  id: string
  title: string
  cells: Emoji[]
}

export default function EmojiPicker({ onPick }: { onPick: (emoji: string) => void }) {
  const w = useWords()
  const field = useRef<HTMLInputElement>(null)
  const grid = useRef<HTMLDivElement>(null)
  const id = useId()
  const tone = useTone()
  const recent = useRecent(COLUMNS * 2)
  const [typed, setTyped] = useState('')
  const query = useDeferredValue(typed)
  const [marked, setMarked] = useState(0)
  const sections = useMemo((): Section[] => {
    if (query.trim() !== '') {
      const cells = emojis.find(query, COLUMNS * 12, likelyEmoji())
      return [{ id: 'found', title: w.emojiFound(cells.length), cells }]
    }
    const last = recent.flatMap((one) => emojis.about(one) ?? [])
    return [
      { id: 'recent', title: w.emojiRecent, cells: last },
      ...GROUPS.map((group) => ({
        id: String(group),
        title: w.emojiGroups[group] ?? '',
        cells: emojis.all.filter((one) => one.group === group),
      })),
    ]
  }, [query, recent, w])
  const cells = useMemo(() => sections.flatMap((section) => section.cells), [sections])
  const current = cells[Math.min(marked, cells.length - 1)]

  const pick = (one: Emoji | undefined) => {
    if (!one) return
    usedEmoji(one.emoji)
    onPick(one.toned ? withTone(one.emoji, tone) : one.emoji)
  }
  useEnter(field, () => pick(current))
  useEffect(() => field.current?.focus(), [])
  useLayoutEffect(() => {
    grid.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' })
  }, [marked, sections])

  const move = (key: string): boolean => {
    const next = moved(key, marked, sections)
    if (next === null) return false
    setMarked(next)
    return true
  }
  const marks = `${id}-${Math.min(marked, cells.length - 1)}`
  return (
    <div className="emoji-picker">
      <input
        ref={field}
        type="search"
        role="combobox"
        aria-expanded={cells.length > 0}
        aria-haspopup="grid"
        aria-controls={`${id}-grid`}
        aria-activedescendant={current ? marks : undefined}
        aria-label={w.findEmoji}
        placeholder={w.findEmoji}
        autoComplete="off"
        spellCheck={false}
        onInput={(e) => {
          setTyped(e.currentTarget.value)
          setMarked(0)
        }}
        onKeyDown={(e) => {
          if (isComposing(e.nativeEvent) || e.ctrlKey || e.metaKey || e.altKey) return
          // Sideways the caret moves in what was typed, until there is nothing more to move over.
          const side = e.key === 'ArrowLeft' || e.key === 'ArrowRight'
          if (side && typed !== '') return
          if (move(e.key)) e.preventDefault()
        }}
      />
      {query.trim() === '' && (
        <div className="emoji-groups" role="group" aria-label={w.emojiGroup}>
          {GROUPS.map((group) => (
            <button
              type="button"
              className="quiet"
              key={group}
              aria-label={w.emojiGroups[group]}
              title={w.emojiGroups[group]}
              onClick={() => {
                const at = sections.findIndex((section) => section.id === String(group))
                const before = sections.slice(0, at).reduce((sum, one) => sum + one.cells.length, 0)
                document.getElementById(`${id}-s${group}`)?.scrollIntoView({ block: 'start' })
                setMarked(before)
                field.current?.focus()
              }}
            >
              {SIGNS[group]}
            </button>
          ))}
        </div>
      )}
      <div ref={grid} id={`${id}-grid`} className="emoji-grid" role="grid" aria-label={w.emoji}>
        <Sections
          id={id}
          sections={sections}
          tone={tone}
          marked={Math.min(marked, cells.length - 1)}
          onMark={setMarked}
          onPick={pick}
        />
      </div>
      <div className="emoji-foot">
        <span aria-hidden="true">
          {current && <b>{toneOf(current, tone)}</b>} {current && nameOf(current, w.language)}
        </span>
        <div role="radiogroup" aria-label={w.skinTone}>
          {TONES.map((one) => (
            <button
              type="button"
              className="quiet"
              role="radio"
              key={one}
              aria-checked={one === tone}
              aria-label={w.skinTones[one]}
              title={w.skinTones[one]}
              onClick={() => {
                chooseTone(one)
                field.current?.focus()
              }}
            >
              {withTone('✋', one)}
            </button>
          ))}
        </div>
      </div>
      <p className="unseen" role="status">
        {query.trim() !== '' && w.emojiFound(cells.length)}
      </p>
    </div>
  )
}

function toneOf(one: Emoji, tone: Tone): string {
  return one.toned ? withTone(one.emoji, tone) : one.emoji
}

function nameOf({ ko, en, short }: Emoji, language: string): string {
  const name = language === 'ko' ? ko : en
  return short[0] === undefined ? name : `${name} :${short[0]}:`
}

/** Where a key leads: the sections are one grid, each with a last row that may be short. */
function moved(key: string, at: number, sections: readonly Section[]): number | null {
  const count = sections.reduce((sum, { cells }) => sum + cells.length, 0)
  if (count === 0) return null
  if (key === 'ArrowRight') return Math.min(count - 1, at + 1)
  if (key === 'ArrowLeft') return Math.max(0, at - 1)
  if (key === 'Home') return 0
  if (key === 'End') return count - 1
  if (key !== 'ArrowDown' && key !== 'ArrowUp' && key !== 'PageDown' && key !== 'PageUp')
    return null
  const rows: number[][] = []
  let from = 0
  for (const { cells } of sections) {
    for (let row = 0; row < cells.length; row += COLUMNS) {
      rows.push(
        Array.from({ length: Math.min(COLUMNS, cells.length - row) }, (_, i) => from + row + i),
      )
    }
    from += cells.length
  }
  const row = rows.findIndex((one) => one.includes(at))
  const column = rows[row]?.indexOf(at) ?? 0
  const step = key.startsWith('Page') ? 5 : 1
  const next = rows[clamp(row + (key.endsWith('Down') ? step : -step), rows.length)] ?? []
  return next[Math.min(column, next.length - 1)] ?? at
}

function clamp(value: number, count: number): number {
  return Math.max(0, Math.min(count - 1, value))
}

interface SectionsProps {
  id: string
  sections: readonly Section[]
  tone: Tone
  marked: number
  onMark: (at: number) => void
  onPick: (one: Emoji) => void
}

function Sections({ id, sections, tone, marked, onMark, onPick }: SectionsProps) {
  const w = useWords()
  const firsts = sections.map((_, at) =>
    sections.slice(0, at).reduce((sum, { cells }) => sum + cells.length, 0),
  )
  return sections.map((section, at) => {
    const first = firsts[at] ?? 0
    const inside = marked >= first && marked < first + section.cells.length
    return (
      <OneSection
        key={section.id}
        id={id}
        section={section}
        first={first}
        tone={tone}
        language={w.language}
        marked={inside ? marked : -1}
        onMark={onMark}
        onPick={onPick}
      />
    )
  })
}

interface SectionProps extends Omit<SectionsProps, 'sections'> {
  section: Section
  first: number
  language: string
}

/** Drawn again only when the mark comes into it or leaves it. */
const OneSection = memo(
  function OneSection({
    id,
    section,
    first,
    tone,
    language,
    marked,
    onMark,
    onPick,
  }: SectionProps) {
    const { cells } = section
    const rows = Array.from({ length: Math.ceil(cells.length / COLUMNS) }, (_, row) =>
      cells.slice(row * COLUMNS, (row + 1) * COLUMNS),
    )
    return (
      <div
        className="emoji-section"
        role="rowgroup"
        aria-labelledby={`${id}-t${section.id}`}
        id={`${id}-s${section.id}`}
        data-rows={Math.min(rows.length, 40)}
      >
        <div className="emoji-title" id={`${id}-t${section.id}`} role="presentation">
          {section.title}
        </div>
        {rows.map((row, at) => (
          <div role="row" key={at}>
            {row.map((one, column) => {
              const index = first + at * COLUMNS + column
              return (
                <span
                  key={one.emoji}
                  id={`${id}-${index}`}
                  role="gridcell"
                  aria-selected={index === marked}
                  aria-label={language === 'ko' ? one.ko : one.en}
                  onPointerEnter={() => onMark(index)}
                  // The field keeps the focus.
                  onPointerDown={(e) => e.preventDefault()}
                  onClick={() => onPick(one)}
                >
                  {toneOf(one, tone)}
                </span>
              )
            })}
          </div>
        ))}
      </div>
    )
  },
  (a, b) =>
    a.section === b.section &&
    a.first === b.first &&
    a.tone === b.tone &&
    a.marked === b.marked &&
    a.language === b.language &&
    a.onPick === b.onPick,
)
