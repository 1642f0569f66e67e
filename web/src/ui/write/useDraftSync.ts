import { useEffect } from 'react'
import type { LiveEvent } from '../../core/events'
import { DraftSync } from '../../core/draft-sync'
import { useChat, useClient } from '../context'
import { useOpened } from '../painted'
import { arrangedElsewhere, arrangeFor } from '../sidebar/order'
import { useDrafts } from './drafts'

/** What one keeps with the account, the same in all tabs and on all devices: drafts, the list. */
export function useDraftSync(): void {
  const client = useClient()
  const drafts = useDrafts()
  const loaded = useChat((state) => state.loaded)
  const isOpened = useOpened()
  useEffect(() => {
    if (!loaded || !isOpened) return
    const sync = new DraftSync(drafts, client.api, client.clock)
    const heard = (event: LiveEvent) => {
      if (event.type === 'draft.updated') sync.heard(event)
      if (event.type === 'settings.updated') arrangedElsewhere(event.settings)
    }
    client.listeners.add(heard)
    void sync.begin()
    const end = arrangeFor(client.api)
    return () => {
      client.listeners.delete(heard)
      sync.close()
      end()
    }
  }, [client, drafts, loaded, isOpened])
}
