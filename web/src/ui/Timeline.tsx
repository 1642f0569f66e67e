import { memo, useCallback, useMemo, useState } from 'react'
import type { Message, Room } from '../api/types'
import type { Timeline as Line } from '../core/model'
import { day, dayKey } from '../core/time'
import { language, w } from '../i18n'
import { Announcer } from './Announcer'
import { useChat, useClient } from './context'
import { Icon } from './Icon'
import { MessageItem } from './MessageItem'
import { PendingItem } from './PendingItem'
import { rows } from './rows'
import { useReading } from './useReading'
import { useScroll } from './useScroll'

interface Props {
  room: Room
  title: string
  target: number | undefined
  onReply: (message: Message) => void
}

const none: Line = {
  messages: [],
  moreBefore: false,
  moreAfter: false,
  follow: true,
  readAtOpen: 0,
}

export function Timeline({ room, title, target, onReply }: Props) {
  const client = useClient()
  const line = useChat((state) => state.timelines[room.id]) ?? none
  const pending = useChat((state) => state.pending)
  const me = useChat((state) => state.me?.id)
  const [active, setActive] = useState<number | null>(null)
  const waiting = useMemo(() => pending.filter((p) => p.room_id === room.id), [pending, room.id])
  const { box, list, toNewest } = useScroll(client, room.id, line, waiting.length, target)
  useReading(client, room.id, line)

  const lines = useMemo(() => rows(line, me), [line, me])
  const byId = useMemo(() => new Map(line.messages.map((m) => [m.id, m])), [line])
  const activate = useCallback((id: number | null) => setActive(id), [])
  const unread = room.me?.unread ?? 0
  const last = line.messages.at(-1)?.id

  return (
    <div className="timeline-frame">
      <section
        ref={box}
        className="timeline"
        aria-label={w.timeline(title)}
        onMouseLeave={() => setActive(null)}
      >
        <ol ref={list} className="messages" onKeyDown={moveFocus}>
          {!line.moreBefore && (
            <li className="beginning">{lines.length === 0 ? w.emptyRoom : w.beginning(title)}</li>
          )}
          {lines.map((row) =>
            row.kind === 'day' ? (
              <DayLine key={row.key} at={row.at} now={client.now()} />
            ) : row.kind === 'unread' ? (
              <li key={row.key} className="unread-line">
                <span>{w.unreadLine}</span>
              </li>
            ) : (
              <MessageItem
                key={row.key}
                message={row.message}
                follows={row.follows}
                quoted={row.message.reply_to == null ? undefined : byId.get(row.message.reply_to)}
                active={active === row.message.id}
                focusable={(active ?? last) === row.message.id}
                targeted={target === row.message.id}
                onActive={activate}
                onReply={onReply}
              />
            ),
          )}
          {!line.moreAfter && waiting.map((p) => <PendingItem key={p.client_id} pending={p} />)}
        </ol>
      </section>
      {!line.follow && (
        <button type="button" className="to-newest" onClick={toNewest}>
          <Icon name="down" />
          {unread > 0 ? w.newBelow(unread) : w.toNewest}
        </button>
      )}
      <Announcer room={room.id} />
    </div>
  )
}

const DayLine = memo(function DayLine({ at, now }: { at: string; now: Date }) {
  const key = dayKey(at)
  const yesterday = new Date(now.getTime() - 86_400_000)
  const near =
    key === dayKey(now.toISOString())
      ? w.today
      : key === dayKey(yesterday.toISOString())
        ? w.yesterday
        : null
  return (
    <li className="day-line">
      <span>
        {near !== null && <b>{near} </b>}
        <time dateTime={key}>{day(at, language, now)}</time>
      </span>
    </li>
  )
})

/** Up and down go from message to message; their buttons follow by Tab. */
function moveFocus(e: React.KeyboardEvent<HTMLOListElement>): void {
  if (e.key !== 'ArrowUp' && e.key !== 'ArrowDown') return
  if (!(e.target instanceof HTMLElement) || !e.target.matches('.message')) return
  const all = [...e.currentTarget.querySelectorAll<HTMLElement>('.message')]
  const next = all[all.indexOf(e.target) + (e.key === 'ArrowUp' ? -1 : 1)]
  if (!next) return
  e.preventDefault()
  next.focus()
}
