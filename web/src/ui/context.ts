import { createContext, useContext, useSyncExternalStore } from 'react'
import type { Client } from '../core/client'
import type { State } from '../core/model'

export const ClientContext = createContext<Client | null>(null)

export function useClient(): Client {
  const client = useContext(ClientContext)
  if (!client) throw new Error('outside of a signed-in client')
  return client
}

/** A part of the state. The selector must give back the same thing for the same state. */
export function useChat<T>(select: (state: State) => T): T {
  const { store } = useClient()
  return useSyncExternalStore(store.subscribe, () => select(store.state))
}
