/** The same filters for who does not type them. */
import { useRef, useState, type RefObject } from 'react'
import { find } from '../../core/hangul'
import { myRooms, roomTitle } from '../../core/model'
import { filterOf, things, withFilter, type Line } from '../../core/query'
import { useWords } from '../../i18n'
import { useChat, useClient } from '../context'
import { Icon } from '../Icon'
import { Menu } from '../parts/Menu'
import { Popover } from '../parts/Popover'
import { useCombobox } from '../parts/useCombobox'
import { usePeople } from '../people/usePeople'

interface Props {
  line: Line
  room: number | undefined
  onLine: (line: Line) => void
}

export function Filters({ line, room, onLine }: Props) {
  const w = useWords()
  const here = useChat((state) => {
    const found = room === undefined ? undefined : state.rooms[room]
    return found && roomTitle(found, state.me?.id)
  })
  const within = filterOf(line, 'in')
  const sort = filterOf(line, 'sort')
  const has = filterOf(line, 'has')
  const set = (key: Parameters<typeof withFilter>[1], value: string) =>
    onLine(withFilter(line, key, value))
  return (
    <div className="search-filters" role="group" aria-label={w.filters}>
      {here !== undefined && (
        <button
          type="button"
          className="filter"
          aria-pressed={within === here}
          onClick={() => set('in', within === here ? '' : here)}
        >
          {w.onlyHere}
        </button>
      )}
      <Picker label={w.byAuthor} kind="from" onPick={(value) => set('from', value)} />
      <Picker label={w.inThisRoom} kind="in" onPick={(value) => set('in', value)} />
      <Dates line={line} onLine={onLine} />
      <Menu
        label={w.hasThing}
        className="filter"
        items={things.map((thing) => ({
          label: w.things[thing],
          checked: has === thing,
          onPick: () => set('has', has === thing ? '' : thing),
        }))}
      >
        {w.hasThing}
        <Icon name="fold" />
      </Menu>
      <Menu
        label={w.sort}
        className="filter"
        items={[
          { label: w.byRelevance, checked: sort !== 'newest', onPick: () => set('sort', '') },
          { label: w.byNewest, checked: sort === 'newest', onPick: () => set('sort', 'newest') },
        ]}
      >
        {w.sort}
        <Icon name="fold" />
      </Menu>
    </div>
  )
}

interface PickerProps {
  label: string
  kind: 'from' | 'in'
  onPick: (value: string) => void
}

function Picker({ label, kind, onPick }: PickerProps) {
  const button = useRef<HTMLButtonElement>(null)
  const [open, setOpen] = useState(false)
  return (
    <>
      <button
        type="button"
        ref={button}
        className="filter"
        aria-haspopup="dialog"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        {label}
        <Icon name="fold" />
      </button>
      {open && (
        <Picking
          label={label}
          kind={kind}
          anchor={button}
          onPick={(value) => {
            setOpen(false)
            onPick(value)
          }}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  )
}

interface PickingProps extends PickerProps {
  anchor: RefObject<HTMLElement | null>
  onClose: () => void
}

function Picking({ label, kind, anchor, onPick, onClose }: PickingProps) {
  const w = useWords()
  const client = useClient()
  const field = useRef<HTMLInputElement>(null)
  const me = useChat((state) => state.me?.id)
  const [query, setQuery] = useState('')
  const { people } = usePeople(kind === 'from' ? query : '', 8, kind === 'from')
  const options =
    kind === 'from'
      ? people.map(({ id, display_name, username }) => ({
          id,
          label: display_name,
          aside: `@${username}`,
          value: username,
        }))
      : find(query, myRooms(client.store.state), (room) => [roomTitle(room, me)])
          .slice(0, 8)
          .map((room) => {
            const title = roomTitle(room, me)
            return { id: room.id, label: title, aside: '', value: title }
          })
  const box = useCombobox({
    field,
    count: options.length,
    question: query,
    onPick: (index) => {
      const chosen = options[index]
      if (chosen) onPick(chosen.value)
    },
  })
  return (
    <Popover anchor={anchor} role="dialog" label={label} className="picking" onClose={onClose}>
      <input
        ref={field}
        type="search"
        autoFocus
        placeholder={kind === 'from' ? w.findPerson : w.findRoom}
        aria-label={kind === 'from' ? w.findPerson : w.findRoom}
        onInput={(e) => setQuery(e.currentTarget.value)}
        {...box.input}
      />
      <ul aria-label={label} {...box.list}>
        {options.map((option, index) => (
          <li key={option.id} className="proposal" {...box.option(index)}>
            <span>{option.label}</span>
            <small>{option.aside}</small>
          </li>
        ))}
      </ul>
      {options.length === 0 && <p className="hint">{w.nothingFound}</p>}
    </Popover>
  )
}

/** Since when and until when, with the spans that are asked for most. */
function Dates({ line, onLine }: { line: Line; onLine: (line: Line) => void }) {
  const w = useWords()
  const client = useClient()
  const button = useRef<HTMLButtonElement>(null)
  const [open, setOpen] = useState(false)
  const ago = (days: number) => {
    const at = client.now()
    at.setDate(at.getDate() - days)
    const two = (n: number) => String(n).padStart(2, '0')
    return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  }
  return (
    <>
      <button
        type="button"
        ref={button}
        className="filter"
        aria-haspopup="dialog"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        {w.dates}
        <Icon name="fold" />
      </button>
      {open && (
        <Popover
          anchor={button}
          role="dialog"
          label={w.dates}
          className="picking"
          onClose={() => setOpen(false)}
        >
          <div className="picking-spans">
            {([0, 7, 30, 365] as const).map((days) => (
              <button
                key={days}
                type="button"
                onClick={() => {
                  setOpen(false)
                  onLine(withFilter(withFilter(line, 'before', ''), 'after', ago(days)))
                }}
              >
                {w.lastDays(days)}
              </button>
            ))}
          </div>
          {(['after', 'before'] as const).map((key) => (
            <label key={key} className="field">
              <span>{key === 'after' ? w.since : w.until}</span>
              <input
                type="date"
                defaultValue={filterOf(line, key) ?? ''}
                onChange={(e) => onLine(withFilter(line, key, e.currentTarget.value))}
              />
            </label>
          ))}
        </Popover>
      )}
    </>
  )
}
