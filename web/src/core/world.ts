/** What a chat needs of the browser. Tests give it another one. */
import type { Api } from './api'
import type { Clock, Socket } from './connection'
import type { Carrier, Keeper } from './files/uploads'
import type { Storage } from './outbox'
import type { Schedule } from './store'

export interface World {
  api: Api
  storage: Storage
  open: (auth: (give: (auth: object) => void) => void) => Socket
  clock: Clock
  now: () => Date
  newId: () => string
  /** When those who listen to the state are told; at the end of the turn unless given. */
  schedule?: Schedule
  /** How files come to the server, and what keeps them over a reload. */
  carrier?: Carrier
  keeper?: (user: number) => Keeper
}
