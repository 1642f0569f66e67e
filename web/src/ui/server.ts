/** What the server says of itself, asked once for the whole page. */
import { useSyncExternalStore } from 'react'
import type { ServerInfo } from '../api/types'
import type { Api } from '../core/api'
import { makeApi } from '../core/api'
import { useWords } from '../i18n'

let known: ServerInfo | null = null
let asking: Promise<ServerInfo> | null = null

export function askServer(api: Pick<Api, 'server'> = makeApi()): Promise<ServerInfo> {
  asking ??= api.server().then(
    (info) => (known = info),
    (error: unknown) => {
      asking = null
      throw error
    },
  )
  return asking
}

const listeners = new Set<() => void>()

/** The server was asked together with something else, or told to be otherwise. */
export function learnServer(info: ServerInfo): void {
  known = info
  asking = Promise.resolve(info)
  for (const listener of [...listeners]) listener()
}

export const knownServer = (): ServerInfo | null => known

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  if (!known) askServer().then(listener, () => undefined)
  return () => listeners.delete(listener)
}

/** `null` until it answered. */
export function useServer(): ServerInfo | null {
  return useSyncExternalStore(subscribe, knownServer)
}

let inviteCounts: boolean | undefined

/** Whether the invitation of the address can still be used; unknown where none was asked about. */
export const learnInvite = (valid: boolean | undefined): void => {
  inviteCounts = valid
}
export const isUsedUp = (): boolean => inviteCounts === false

/** What the server is called when nobody gave it a name. */
const UNNAMED = 'Maru'

/** What the house is called: its own name, else the app's in the reader's language. */
export function useHouseName(): string {
  const w = useWords()
  const { name = UNNAMED } = useServer() ?? {}
  return name === UNNAMED ? w.appName : name
}
