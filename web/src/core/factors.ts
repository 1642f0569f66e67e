/** Calls about what people sign in with besides passwords; they come with the pages that make them. */
import type {
  Asked,
  Demand,
  MyFactors,
  RecoveryCodes,
  Security,
  TotpSetup,
  SignedIn,
} from '../api/types'
import type { Api } from './api'

export const factorsOf = ({ call, get }: Pick<Api, 'call' | 'get'>) => ({
  beginPasskeySignIn: () => call<Asked>('POST', '/login/passkey/begin'),
  signInByPasskey: (ceremony: string, credential: object) =>
    call<SignedIn>('POST', '/login/passkey', { ceremony, credential }),
  factors: () => get<MyFactors>('/factors'),
  beginTotp: (current_password: string) =>
    call<TotpSetup>('POST', '/factors/totp/begin', { current_password }),
  addTotp: (sealed: string, code: string) =>
    call<RecoveryCodes>('POST', '/factors/totp', { sealed, code }),
  removeTotp: (current_password: string) =>
    call<unknown>('DELETE', '/factors/totp', { current_password }),
  newRecoveryCodes: (current_password: string) =>
    call<RecoveryCodes>('POST', '/factors/recovery-codes', { current_password }),
  beginPasskey: (current_password: string) =>
    call<Asked>('POST', '/factors/passkeys/begin', { current_password }),
  addPasskey: (ceremony: string, name: string, credential: object) =>
    call<RecoveryCodes>('POST', '/factors/passkeys', { ceremony, name, credential }),
  removePasskey: (id: string, current_password: string) =>
    call<unknown>('DELETE', '/factors/passkeys', { id, current_password }),
  resetFactors: (id: number) => call<unknown>('DELETE', `/users/${id}/factors`),
  security: () => get<Security>('/admin/security'),
  demandFactor: (second_factor: Demand) =>
    call<Security>('PATCH', '/admin/security', { second_factor }),
})
