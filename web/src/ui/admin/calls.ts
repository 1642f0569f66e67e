/** What the administration asks the server. */
import type {
  AllExpiring,
  AuditPage,
  Expiring,
  Import,
  NewImport,
  OwnedRooms,
  KeptWord,
  OwnWord,
  OwnWords,
  Room,
  ServerInfo,
  WordTested,
} from '../../api/types'
import type { Api } from '../../core/api'
import type { Figures } from '../../core/dashboard'

export interface AuditQuery {
  actor_id?: number | undefined
  action?: string | undefined
  after?: string | undefined
  before?: string | undefined
  cursor?: number | undefined
}

export const administration = ({ call, get }: Api) => ({
  audit: (query: AuditQuery, limit: number) => get<AuditPage>('/admin/audit', { ...query, limit }),
  stats: (from: string, to: string) => get<Figures>('/admin/stats', { from, to }),
  /** Public rooms and the caller's own, a page at a time. */
  rooms: (archived: boolean, cursor?: string) =>
    get<OwnedRooms>('/admin/rooms', { archived, cursor, limit: 200 }),
  /** What a room would let go; `days` as if it kept messages for so long. */
  expiring: (room: number, days?: number) => get<Expiring>(`/rooms/${room}/retention`, { days }),
  allExpiring: () => get<AllExpiring>('/admin/retention'),
  setRetention: (room: number, retention_days: number | null) =>
    call<Room>('PATCH', `/rooms/${room}`, { retention_days }),
  imports: () => get<{ imports: Import[] }>('/admin/imports'),
  beginImport: (body: NewImport) => call<Import>('POST', '/admin/imports', body),
  import: (id: number) => get<Import>(`/admin/imports/${id}`),
  runImport: (id: number, skip_bad_lines: boolean) =>
    call<Import>('POST', `/admin/imports/${id}/run`, { skip_bad_lines }),
  dropImport: (id: number) => call<unknown>('DELETE', `/admin/imports/${id}`),
  nameWorkspace: (name: string) => call<ServerInfo>('PATCH', '/admin/workspace', { name }),
  setPicture: (picture: Blob) => call<ServerInfo>('PUT', '/admin/workspace/picture', picture),
  removePicture: () => call<ServerInfo>('DELETE', '/admin/workspace/picture'),
  words: () => get<OwnWords>('/admin/words'),
  teach: (word: OwnWord) => call<unknown>('POST', '/admin/words', word),
  forget: (word: KeptWord) => call<unknown>('DELETE', `/admin/words/${word.id}`),
  testWords: (text: string) => call<WordTested>('POST', '/admin/words/test', { text }),
})
