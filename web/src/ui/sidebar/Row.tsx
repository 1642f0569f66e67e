/** One room of the list. Drawn again only when something that it shows has changed. */
import { memo, useRef, useState } from 'react'
import type { RoomRow } from '../../core/roomlist'
import { useWords, type Words } from '../../i18n'
import { useChat } from '../context'
import { Icon } from '../Icon'
import { later } from '../later'
import { following, roomPath } from '../route'
import { Tile } from '../Tile'
import { useHasDraft } from '../write/drafts'

const RowMenu = later(() => import('./RowMenu'))

interface Props {
  row: RoomRow
  current: boolean
  /** Where Tab stops in its part of the list; arrows lead to the others. */
  stop: boolean
}

export const Row = memo(function Row({ row, current, stop }: Props) {
  const w = useWords()
  const link = useRef<HTMLAnchorElement>(null)
  const more = useRef<HTMLButtonElement>(null)
  const [menu, setMenu] = useState<{ x: number; y: number } | 'button' | null>(null)
  const { id, kind, title, mentions, muted } = row
  // Of a muted room only what calls for one is told.
  const unread = muted ? mentions : row.unread
  const drafted = useHasDraft(id)
  // A number says how many call for one; that something is new is said by the weight.
  const count = kind === 'direct' ? unread : mentions
  return (
    <li className="plank-row">
      <a
        ref={link}
        href={roomPath(id)}
        className="plank"
        tabIndex={stop ? 0 : -1}
        aria-current={current ? 'page' : undefined}
        data-unread={unread > 0 && !current}
        data-muted={muted}
        onClick={following(roomPath(id))}
        onContextMenu={(e) => {
          e.preventDefault()
          // The menu key has no place of its own.
          const from = e.currentTarget.getBoundingClientRect()
          const atKey = e.clientX === 0 && e.clientY === 0
          setMenu(atKey ? { x: from.left + 24, y: from.bottom } : { x: e.clientX, y: e.clientY })
        }}
      >
        <Mark row={row} />
        <span className="plank-title">{title}</span>
        {drafted && !current && (
          <span className="plank-draft">
            <Icon name="edit" />
            <span className="unseen">{w.draftMark}</span>
          </span>
        )}
        {count > 0 && (
          <span className="badge badge-loud" aria-hidden="true">
            {count > 99 ? '99+' : count}
          </span>
        )}
        {count === 0 && unread > 0 && <span className="dot" aria-hidden="true" />}
        {unread > 0 && <span className="unseen">{said(w, row)}</span>}
        {muted && <span className="unseen">{w.muted}</span>}
        {kind === 'private' && <span className="unseen">{w.roomPrivate}</span>}
      </a>
      <button
        type="button"
        ref={more}
        className="quiet plank-more"
        aria-label={w.roomMenu(title)}
        aria-haspopup="menu"
        aria-expanded={menu === 'button'}
        // The menu key and M on the row open this too.
        tabIndex={-1}
        onClick={() => setMenu('button')}
      >
        <Icon name="more" />
      </button>
      {menu !== null && (
        <RowMenu
          row={row}
          anchor={menu === 'button' ? more : link}
          at={menu === 'button' ? undefined : menu}
          onClose={() => setMenu(null)}
        />
      )}
    </li>
  )
})

function Mark({ row }: { row: RoomRow }) {
  const { kind, other, title, people } = row
  if (kind === 'direct') {
    return other === undefined ? (
      <span className="mark mark-group" aria-hidden="true">
        {people}
      </span>
    ) : (
      <span className="mark-person">
        <Tile id={other} name={title} />
        <Present id={other} />
      </span>
    )
  }
  return (
    <span className="mark" aria-hidden="true">
      <Icon name={kind === 'private' ? 'lock' : 'hash'} />
    </span>
  )
}

/** Whether somebody is here; said in words where the row is read out. */
export function Present({ id }: { id: number }) {
  const w = useWords()
  const presence = useChat((state) => state.presence[id])
  if (!presence) return null
  return (
    <span className="presence" data-presence={presence}>
      <span className="unseen">{presence === 'here' ? w.here : w.isAway}</span>
    </span>
  )
}

function said(w: Words, { kind, unread, mentions }: RoomRow): string {
  const all = w.unreadOf(unread)
  return mentions > 0 && kind !== 'direct' ? `${all}, ${w.mentionsOf(mentions)}` : all
}
