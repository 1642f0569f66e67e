/** What is rarer than answering: fetched when it is first wanted. */
import { useEffect, useState, type RefObject } from 'react'
import type { Message } from '../../api/types'
import { useWords } from '../../i18n'
import { MenuList } from '../Behind'
import { useClient } from '../context'
import type { MenuItem } from '../parts/Menu'
import { show } from '../shell/overlays'
import type { Acts } from './acts'

interface Props {
  message: Message
  acts: Acts
  anchor: RefObject<HTMLElement | null>
  onCopyLink: () => void
  onClose: () => void
}

export default function MessageMenu({ message, acts, anchor, onCopyLink, onClose }: Props) {
  const w = useWords()
  const client = useClient()
  const { id, pinned } = message
  const [saved, setSaved] = useState(client.saved.has(id))
  useEffect(() => {
    client.saved.ask().then(
      () => setSaved(client.saved.has(id)),
      () => undefined,
    )
  }, [client, id])
  const items: MenuItem[] = [
    { label: saved ? w.unsave : w.saveIt, icon: 'flag', keys: 'A', onPick: acts.save },
    ...(acts.pin
      ? [{ label: pinned ? w.unpin : w.pin, icon: 'pin' as const, keys: 'P', onPick: acts.pin }]
      : []),
    ...(acts.unread
      ? [{ label: w.markUnreadFrom, icon: 'eye' as const, keys: 'U', onPick: acts.unread }]
      : []),
    { label: w.forward, icon: 'forward', apart: true, keys: 'F', onPick: acts.forward },
    { label: w.copyLink, icon: 'link', keys: 'L', onPick: onCopyLink },
    ...(acts.copyText
      ? [{ label: w.copyText, icon: 'copy' as const, keys: 'C', onPick: acts.copyText }]
      : []),
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
