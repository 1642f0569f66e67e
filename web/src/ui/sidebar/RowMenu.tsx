/** What can be done with a room, from its row in the list: fetched when it is first wanted. */
import type { NotificationLevel } from '../../api/types'
import type { RoomRow } from '../../core/roomlist'
import { holding } from '../../core/sections'
import { sentence, useWords } from '../../i18n'
import { MenuList } from '../Behind'
import { useChat, useClient } from '../context'
import { copy } from '../copy'
import { nextFrame } from '../painted'
import type { MenuItem } from '../parts/Menu'
import { toast } from '../parts/toasts'
import { roomPath } from '../route'
import { show } from '../shell/overlays'
import { moveRoom, toggleFavourite, useArrangement } from './order'

interface MenuProps {
  row: RoomRow
  anchor: React.RefObject<HTMLElement | null>
  at: { x: number; y: number } | undefined
  onClose: () => void
}

export default function RowMenu({ row, anchor, at, onClose }: MenuProps) {
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
function followRow(id: number, frames = 10): void {
  nextFrame(() => {
    if (document.activeElement !== document.body) {
      if (frames > 0) followRow(id, frames - 1)
      return
    }
    document.querySelector<HTMLElement>(`.plank[href="${roomPath(id)}"]`)?.focus()
  })
}
