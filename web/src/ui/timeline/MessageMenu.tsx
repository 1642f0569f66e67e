/** What is rarer than answering: fetched when it is first wanted. */
import { useEffect, useState, type RefObject } from 'react'
import type { Message } from '../../api/types'
import { sentence, useWords } from '../../i18n'
import { MenuList } from '../Behind'
import { useClient } from '../context'
import { copy } from '../copy'
import type { MenuItem } from '../parts/Menu'
import { toast } from '../parts/toasts'
import { show } from '../shell/overlays'

interface Props {
  message: Message
  member: boolean
  anchor: RefObject<HTMLElement | null>
  onCopyLink: () => void
  onClose: () => void
}

export default function MessageMenu({ message, member, anchor, onCopyLink, onClose }: Props) {
  const w = useWords()
  const client = useClient()
  const { id, text, pinned, reply_to } = message
  const [saved, setSaved] = useState(client.saved.has(id))
  useEffect(() => {
    client.saved.ask().then(
      () => setSaved(client.saved.has(id)),
      () => undefined,
    )
  }, [client, id])
  const act = (done: Promise<unknown>, said?: string, undo?: () => void) => {
    done.then(
      () => {
        if (said !== undefined)
          toast({ text: said, ...(undo ? { act: { label: w.undo, run: undo } } : {}) })
      },
      (error: unknown) => toast({ text: sentence(error) }),
    )
  }
  const items: MenuItem[] = [
    {
      label: saved ? w.unsave : w.saveIt,
      icon: 'flag',
      onPick: () =>
        act(client.saved.set(id, !saved), saved ? w.unsaved : w.savedIt, () => {
          void client.saved.set(id, saved)
        }),
    },
    ...(member
      ? [
          {
            label: pinned ? w.unpin : w.pin,
            icon: 'pin' as const,
            onPick: () => act(client.api.pin(id, !pinned)),
          },
          ...(reply_to == null || message.also_in_room
            ? [
                {
                  label: w.markUnreadFrom,
                  icon: 'eye' as const,
                  onPick: () => act(client.markUnread(message), w.markedUnread),
                },
              ]
            : []),
        ]
      : []),
    {
      label: w.forward,
      icon: 'forward',
      apart: true,
      onPick: () => show({ kind: 'forward', message }),
    },
    { label: w.copyLink, icon: 'link', onPick: onCopyLink },
    ...(text === ''
      ? []
      : [
          {
            label: w.copyText,
            icon: 'copy' as const,
            onPick: () => act(copy(text), w.copied),
          },
        ]),
    { label: w.info, icon: 'info', onPick: () => show({ kind: 'info', message }) },
  ]
  return (
    <MenuList
      label={w.moreActions}
      items={items}
      anchor={anchor}
      side="below-end"
      onClose={onClose}
    />
  )
}
