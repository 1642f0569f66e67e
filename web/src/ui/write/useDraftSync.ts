import { useEffect } from 'react'
import type { LiveEvent } from '../../core/events'
import { useChat, useClient } from '../context'
import { useOpened } from '../painted'
import { arrangedElsewhere, arrangeFor } from '../sidebar/order'
import { useDrafts } from './drafts'

/** How soon what brings drafts together is asked for again. */
const AGAIN_MS = 5_000

/** What one keeps with the account, the same in all tabs and on all devices: drafts, the list. */
export function useDraftSync(): void {
  const client = useClient()
  const drafts = useDrafts()
  const loaded = useChat((state) => state.loaded)
  const isOpened = useOpened()
  useEffect(() => {
    if (!loaded || !isOpened) return
    const heard = (event: LiveEvent) => {
      if (event.type === 'settings.updated') arrangedElsewhere(event.settings)
    }
    client.listeners.add(heard)
    const end = arrangeFor(client.api)
    return () => {
      client.listeners.delete(heard)
      end()
    }
  }, [client, loaded, isOpened])
  useEffect(() => {
    if (!loaded || !isOpened) return
    let over = false
    let end: () => void = () => undefined
    const begin = async () => {
      const { DraftSync } = await import('../../core/draft-sync')
      if (over) return
      const sync = new DraftSync(drafts, client.api, client.clock)
      const heard = (event: LiveEvent) => {
        if (event.type === 'draft.updated') sync.heard(event)
      }
      client.listeners.add(heard)
      void sync.begin()
      end = () => {
        client.listeners.delete(heard)
        sync.close()
      }
    }
    const attempt = () => {
      begin().catch(() => {
        if (!over) end = client.clock.after(AGAIN_MS, attempt)
      })
    }
    attempt()
    return () => {
      over = true
      end()
    }
  }, [client, drafts, loaded, isOpened])
}
