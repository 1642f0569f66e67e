/** A line of messages as one reads it: a room's own, or a thread's. */
import { useCallback, useEffect, useMemo, useState, type ReactNode } from 'react'
import type { Message } from '../../api/types'
import type { Line } from '../../core/client'
import type { LineKey, State } from '../../core/model'
import type { MessageRow as Row, Row as AnyRow } from '../../core/rows'
import { rowsOf } from '../../core/rows'
import { keyOf } from '../../core/timeline'
import { useWords } from '../../i18n'
import { useChat, useClient } from '../context'
import { Icon } from '../Icon'
import { moved } from '../parts/moved'
import { DayRow } from './DayRow'
import { MessageRow } from './MessageRow'
import { useToday } from './useToday'
import { useReveal, type LookedAt } from './useReveal'
import { useScroll, type Target } from './useScroll'

interface Props {
  line: Line
  label: string
  /** Said above the first message, and in its place where there is none. */
  beginning?: ReactNode
  empty?: ReactNode
  target?: Target | undefined
  /** Somebody went to where the newest stands: the address names no message any more. */
  onNewest?: () => void
  onReached?: () => void
  /** Left out where the reader may not write. */
  onReply?: ((message: Message) => void) | undefined
}

const nothing = () => undefined

export function Timeline(props: Props) {
  const w = useWords()
  const { line, label, beginning, empty, target, onNewest = nothing, onReached = nothing } = props
  const client = useClient()
  const { room, root } = line
  const key = keyOf({ room, root })
  const timeline = useChat((state) => state.timelines[key])
  const every = useChat((state) => rowsOf(state, key))
  const awake = useChat((state) => state.awake)
  const me = useChat((state) => state.me?.id ?? 0)
  const unread = useChat((state) => (root === undefined ? (state.rooms[room]?.me?.unread ?? 0) : 0))
  const [active, setActive] = useState<string | null>(null)
  /** The focus is among the messages: Tab goes through the one that has it. */
  const [entered, setEntered] = useState(false)
  const today = useToday()
  const revealed = useReveal(every, lookedAt(every, timeline, target))
  const rows = revealed.shown
  const { box, list, look, toNewest, toUnread, unseenLine } = useScroll(client, {
    line,
    lineKey: key,
    timeline,
    rows,
    above: revealed.above,
    below: revealed.below,
    target,
    onReached,
  })

  // Back at the window: what is in view counts as read now.
  useEffect(() => {
    if (awake) look()
  }, [awake, look])

  const messages = timeline?.messages
  const byId = useMemo(() => new Map(messages?.map((m) => [m.id, m])), [messages])
  const last = every.findLast((row): row is Row => row.kind === 'message')?.key
  const activate = useCallback((id: string | null) => setActive(id), [])
  const newest = useCallback(() => {
    toNewest()
    onNewest()
  }, [toNewest, onNewest])
  const first = every[0]

  return (
    <div className="timeline-frame" data-ready={timeline !== undefined}>
      <section
        ref={box}
        className="timeline"
        aria-label={label}
        aria-busy={timeline === undefined}
        onMouseLeave={() => setActive(null)}
      >
        <ol
          ref={list}
          className="messages"
          onKeyDown={moveFocus}
          onFocus={() => setEntered(true)}
          onBlur={(e) => setEntered(e.currentTarget.contains(e.relatedTarget))}
        >
          {timeline &&
            revealed.above &&
            !timeline.moreBefore &&
            (beginning ?? empty) !== undefined && (
              <li className="beginning">{first === undefined ? empty : beginning}</li>
            )}
          {rows.map((row) =>
            row.kind === 'day' ? (
              <DayRow key={row.key} at={row.at} today={today} />
            ) : row.kind === 'unread' ? (
              <li key={row.key} className="unread-line">
                <span>{w.unreadLine}</span>
              </li>
            ) : row.kind === 'gap' ? (
              <li key={row.key} className="gap-line" aria-hidden="true">
                ⋯
              </li>
            ) : (
              <MessageRow
                key={row.key}
                rowKey={row.key}
                message={row.message}
                pending={row.pending}
                follows={row.follows}
                quoted={
                  root !== undefined || row.message.reply_to == null
                    ? undefined
                    : byId.get(row.message.reply_to)
                }
                inThread={root !== undefined}
                me={me}
                active={active === row.key}
                entered={entered && active === row.key}
                focusable={(active ?? last) === row.key}
                targeted={target?.message === row.message.id}
                onActive={activate}
                onReply={props.onReply}
              />
            ),
          )}
        </ol>
      </section>
      {unseenLine !== null && unread > 0 && (
        <button type="button" className="to-unread" onClick={toUnread}>
          <Icon name={unseenLine === 'above' ? 'up' : 'down'} />
          {w.toUnread(unread)}
        </button>
      )}
      {timeline && !timeline.place.follow && (
        <button type="button" className="to-newest" onClick={newest}>
          <Icon name="down" />
          {unread > 0 ? w.newBelow(unread) : w.toNewest}
        </button>
      )}
    </div>
  )
}

/** The rows where one is led: by the address, by where one was, by the unread line. */
function lookedAt(
  rows: readonly AnyRow[],
  timeline: State['timelines'][LineKey],
  target: Target | undefined,
): LookedAt {
  const rowOf = (id: number | undefined) =>
    id === undefined ? -1 : rows.findIndex((row) => row.kind === 'message' && row.message.id === id)
  const anchor = rowOf(timeline?.place.anchor?.id)
  return {
    target: rowOf(target?.message),
    visit: target?.visit,
    start: anchor >= 0 ? anchor : rows.findIndex(({ kind }) => kind === 'unread'),
    generation: timeline?.generation,
  }
}

/** Up and down go from message to message; their buttons follow by Tab, Escape leads back to writing. */
function moveFocus(e: React.KeyboardEvent<HTMLOListElement>): void {
  if (!(e.target instanceof HTMLElement) || e.ctrlKey || e.metaKey || e.altKey) return
  const row = e.target.closest<HTMLElement>('.message')
  if (e.key === 'Escape' && row && !e.target.matches('input, textarea')) {
    // A panel closes by it.
    const field = row.closest('.room')?.querySelector<HTMLElement>('.composer textarea')
    if (!field) return
    e.preventDefault()
    field.focus()
    return
  }
  if (e.target !== row) return
  const all = [...e.currentTarget.querySelectorAll<HTMLElement>('.message')]
  const at = moved(e.key, all.indexOf(row), all.length, 'vertical', false)
  if (at === null) return
  e.preventDefault()
  all[at]?.focus()
}
