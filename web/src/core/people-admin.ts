/** Calls of administrators about people; they come with the pages that make them. */
import type { Invite, Role, User } from '../api/types'
import type { Api } from './api'

export const peopleAdmin = ({ call, get }: Pick<Api, 'call' | 'get'>) => ({
  invites: () => get<Invite[]>('/invites'),
  revokeInvite: (id: number) => call<unknown>('DELETE', `/invites/${id}`),
  changeUser: (id: number, body: { role?: Role; disabled?: boolean }) =>
    call<User>('PATCH', `/users/${id}`, body),
  resetPassword: (id: number, password: string) =>
    call<unknown>('POST', `/users/${id}/password`, { password }),
})
