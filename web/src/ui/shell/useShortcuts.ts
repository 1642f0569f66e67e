/** Makes the table of shortcuts act. */
import { useEffect } from 'react'
import { myRooms } from '../../core/model'
import { useClient } from '../context'
import { go, roomPath, searchPath, settingsPath } from '../route'
import { isComposing } from '../composing'
import { takeBack } from '../parts/toasts'
import { show } from './overlays'
import { actOf, neighbour } from './shortcuts'
import { inOrder } from '../sidebar/order'

export function useShortcuts(room: number | undefined): void {
  const client = useClient()
  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      if (e.defaultPrevented || isComposing(e)) return
      const act = actOf(e, isWriting(e.target))
      if (act === null) return
      // The hall opens the switcher, also over a dialog; else a dialog is about itself.
      if (act === 'switcher' || document.querySelector('dialog[open]')) return
      if (act === 'undo') {
        if (takeBack()) e.preventDefault()
        return
      }
      e.preventDefault()
      const next = (step: 1 | -1, unread: boolean) => {
        const rooms = inOrder(myRooms(client.store.state)).map(({ id, me }) => ({
          id,
          unread: me?.unread ?? 0,
        }))
        const to = neighbour(rooms, room, step, unread)
        if (to !== null) go(roomPath(to))
      }
      if (act === 'keys') show({ kind: 'keys' })
      else if (act === 'search') search(room)
      else if (act === 'settings') go(settingsPath())
      else if (act === 'previous-room') next(-1, false)
      else if (act === 'next-room') next(1, false)
      else if (act === 'previous-unread') next(-1, true)
      else next(1, true)
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [client, room])
}

function isWriting(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input, textarea, [contenteditable]') !== null
}

/** Opens it; where it is open already, one asks anew. */
function search(room: number | undefined): void {
  const field = document.querySelector<HTMLInputElement>('.panel.search input[type=search]')
  if (!field) {
    go(searchPath(room))
    return
  }
  field.focus()
  field.select()
}
