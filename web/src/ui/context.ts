import { createContext, useContext, useMemo, useSyncExternalStore } from 'react'
import type { Client } from '../core/client'
import type { State } from '../core/model'
import { selection } from '../core/store'

export const ClientContext = createContext<Client | null>(null)

export function useClient(): Client {
  const client = useContext(ClientContext)
  if (!client) throw new Error('outside of a signed-in client')
  return client
}

/**
 * A part of the state. Without `equal` the selector must give back the same thing for the same
 * state; with it, what is equal to the last answer counts as the same.
 */
export function useChat<T>(
  select: (state: State) => T,
  equal: (a: T, b: T) => boolean = Object.is,
): T {
  const { store } = useClient()
  const read = useMemo(() => selection(store, select, equal), [store, select, equal])
  return useSyncExternalStore(store.subscribe, read)
}
