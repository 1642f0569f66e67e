/** Calls about letters: the address that somebody has, and a forgotten password. */
import type { MyEmail } from '../api/types'
import type { Api } from './api'

export const mailOf = ({ call, get }: Pick<Api, 'call' | 'get'>) => ({
  forgotPassword: (username: string) => call<unknown>('POST', '/reset/mail', { username }),
  email: () => get<MyEmail>('/email'),
  setEmail: (address: string, current_password: string) =>
    call<unknown>('POST', '/email', { address, current_password }),
  removeEmail: (current_password: string) =>
    call<unknown>('DELETE', '/email', { current_password }),
  confirmEmail: (token: string) => call<unknown>('POST', '/email/confirm', { token }),
})
