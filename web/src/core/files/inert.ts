/** Where nothing can be uploaded or kept: in tests that are about something else. */
import { ApiError } from '../api'
import type { Carrier, Keeper } from './uploads'

const refuse = () => Promise.reject(new ApiError('not_implemented', ''))

export const inert: { carrier: Carrier; keeper: Keeper } = {
  carrier: { begin: refuse, progress: refuse, piece: refuse, giveUp: refuse, takeBack: refuse },
  keeper: {
    all: () => Promise.resolve([]),
    put: () => Promise.resolve(),
    remove: () => Promise.resolve(),
  },
}
