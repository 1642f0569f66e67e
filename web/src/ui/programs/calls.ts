/** What the pages of programs ask the server. */
import type {
  AccessToken,
  Hook,
  NewBot,
  NewToken,
  NewWebhook,
  Replay,
  ShownBot,
  ShownHook,
  ShownToken,
  ShownWebhook,
  User,
  Webhook,
} from '../../api/types'
import type { Api } from '../../core/api'

export const programs = ({ call, get }: Api) => ({
  tokens: () => get<AccessToken[]>('/tokens'),
  createToken: (body: NewToken) => call<ShownToken>('POST', '/tokens', body),
  revokeToken: (id: number) => call<unknown>('DELETE', `/tokens/${id}`),
  bots: () => get<User[]>('/bots'),
  createBot: (body: NewBot) => call<ShownBot>('POST', '/bots', body),
  removeBot: (id: number) => call<unknown>('DELETE', `/bots/${id}`),
  /** Of all rooms whose hooks the caller may see. */
  hooks: () => get<Hook[]>('/hooks'),
  createHook: (room: number, name: string) =>
    call<ShownHook>('POST', `/rooms/${room}/hooks`, { name }),
  rotateHook: (room: number, id: number) =>
    call<ShownHook>('POST', `/rooms/${room}/hooks/${id}/rotate`),
  deleteHook: (room: number, id: number) => call<unknown>('DELETE', `/rooms/${room}/hooks/${id}`),
  webhooks: () => get<Webhook[]>('/webhooks'),
  createWebhook: (body: NewWebhook) => call<ShownWebhook>('POST', '/webhooks', body),
  deleteWebhook: (id: number) => call<unknown>('DELETE', `/webhooks/${id}`),
  replay: (id: number, from: Replay) => call<Webhook>('POST', `/webhooks/${id}/replay`, from),
})
