/** The same filters for who does not type them. */
import { useRef, useState } from 'react'
import { find } from '../../core/hangul'
import { myRooms, roomTitle } from '../../core/model'
import { filterOf, things, withFilter, type Line } from '../../core/query'
import { useWords } from '../../i18n'
import { useChat, useClient } from '../context'
import { Icon } from '../Icon'
import { Menu } from '../parts/Menu'
import { Pick, type Option } from '../parts/Pick'
import { Popover } from '../parts/Popover'
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
      <Pick
        label={w.byAuthor}
        find={w.findPerson}
        useOptions={usePersonOptions}
        onPick={(value) => set('from', value)}
      />
      <Pick
        label={w.inThisRoom}
        find={w.findRoom}
        useOptions={useRoomOptions}
        onPick={(value) => set('in', value)}
      />
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

/** By the name that a search knows somebody by. */
function usePersonOptions(query: string): Option<string>[] {
  const { people } = usePeople(query, 8, true)
  return people.map(({ id, display_name, username }) => ({
    id,
    label: display_name,
    aside: `@${username}`,
    value: username,
  }))
}

function useRoomOptions(query: string): Option<string>[] {
  const client = useClient()
  const me = useChat((state) => state.me?.id)
  return find(query, myRooms(client.store.state), (room) => [roomTitle(room, me)])
    .slice(0, 8)
    .map((room) => {
      const title = roomTitle(room, me)
      return { id: room.id, label: title, value: title }
    })
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
