/** One room of the list. Drawn again only when something that it shows has changed. */
import { memo, useRef, useState } from 'react'
import type { NotificationLevel } from '../../api/types'
import type { RoomRow } from '../../core/roomlist'
import { holding } from '../../core/sections'
import { sentence, useWords, type Words } from '../../i18n'
import { MenuList } from '../Behind'
import { useChat, useClient } from '../context'
import { copy } from '../copy'
import { Icon } from '../Icon'
import { nextFrame } from '../painted'
import type { MenuItem } from '../parts/Menu'
import { toast } from '../parts/toasts'
import { following, roomPath } from '../route'
import { show } from '../shell/overlays'
import { Tile } from '../Tile'
import { useHasDraft } from '../write/drafts'
import { moveRoom, toggleFavourite, useArrangement } from './order'

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

interface MenuProps {
  row: RoomRow
  anchor: React.RefObject<HTMLElement | null>
  at: { x: number; y: number } | undefined
  onClose: () => void
}

function RowMenu({ row, anchor, at, onClose }: MenuProps) {
  const w = useWords()
  const client = useClient()
  const { id, kind, unread, last, title } = row
  const { favourites, sections } = useArrangement()
  const isFavourite = favourites.includes(id)
  const within = holding(sections, id)
  const level = useChat((state) => state.rooms[id]?.me?.notifications)
  const notify = (to: NotificationLevel) => {
    client.api.notify(id, to).catch((error: unknown) => toast({ text: sentence(error) }))
  }
  const items: MenuItem[] = [
    ...(unread > 0
      ? [
          {
            label: w.markRead,
            icon: 'check' as const,
            onPick: () => {
              client.api.read(id, last).catch((error: unknown) => toast({ text: sentence(error) }))
            },
          },
        ]
      : []),
    {
      label: isFavourite ? w.unfavourite : w.favourite,
      icon: 'star',
      onPick: () => {
        toggleFavourite(id)
        followRow(id)
      },
    },
    ...sections.map(({ id: section, name }, n) => ({
      label: name,
      apart: n === 0,
      checked: section === within,
      onPick: () => {
        moveRoom(id, section === within ? null : section)
        followRow(id)
      },
    })),
    {
      label: w.toNewSection,
      icon: 'plus',
      onPick: () => show({ kind: 'section', room: id }),
    },
    ...(['all', 'mentions', 'none'] as const).map((to, n) => ({
      label: { all: w.notifyAll, mentions: w.notifyMentions, none: w.notifyNone }[to],
      apart: n === 0,
      checked: level === to,
      onPick: () => notify(to),
    })),
    {
      label: w.copyRoomLink,
      apart: true,
      icon: 'link',
      onPick: () => {
        copy(new URL(roomPath(id), location.origin).href).then(
          () => toast({ text: w.copied }),
          () => undefined,
        )
      },
    },
    { label: w.aboutRoom, icon: 'people', onPick: () => show({ kind: 'room', room: id }) },
    ...(kind === 'direct'
      ? []
      : [
          {
            label: w.leave,
            icon: 'leave' as const,
            danger: true,
            apart: true,
            onPick: () => show({ kind: 'room', room: id, view: 'leave' }),
          },
        ]),
  ]
  return (
    <MenuList
      label={w.roomMenu(title)}
      items={items}
      anchor={anchor}
      at={at}
      side="below-end"
      onClose={onClose}
    />
  )
}

/** A row that moves to another part of the list is drawn there anew: the focus goes with it. */
function followRow(id: number): void {
  nextFrame(() => {
    if (document.activeElement !== document.body) return
    document.querySelector<HTMLElement>(`.plank[href="${roomPath(id)}"]`)?.focus()
  })
}
