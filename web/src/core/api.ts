/** The HTTP API as functions. The session is a cookie that scripts cannot see. */
import type {
  Bootstrap,
  FilesPage,
  FollowedThreads,
  FollowState,
  KeptDraft,
  MentionsPage,
  NotificationLevel,
  Pins,
  SavedPage,
  Scheduled,
  Status,
  EditHistory,
  ErrorBody,
  Member,
  MemberRole,
  Message,
  MessagePage,
  NewAccount,
  NewRoom,
  Room,
  ShownInvite,
  SearchPage,
  ServerInfo,
  Session,
  SignedIn,
  Suggestions,
  ThreadPage,
  Upload,
  User,
} from '../api/types'

/** A refused request. `code` is the server's stable word, or `offline` when it was not reached. */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status = 0,
    readonly details: Record<string, unknown> = {},
  ) {
    super(message)
    this.name = 'ApiError'
  }
}

export interface Query {
  q: string
  room_id?: number | undefined
  author_id?: number | undefined
  after?: string | undefined
  before?: string | undefined
  has?: string | undefined
  sort?: 'relevance' | 'newest' | undefined
  /** Where the reader's days begin, for `on:어제` and the like among the words. */
  utc_offset_minutes?: number | undefined
  limit?: number | undefined
  cursor?: string | undefined
}

export interface NewScheduled {
  text: string
  send_at: string
  reply_to?: number | undefined
  mentions?: number[]
  file_ids?: number[]
}

export interface MemberQuery {
  q?: string
  after?: number
  limit?: number
}

export interface DirectoryQuery {
  q: string
  limit: number
  cursor?: string | undefined
  /** Only archived rooms, instead of the others. */
  archived?: boolean
}

export interface PageQuery {
  before?: number
  after?: number
  around?: number
  limit?: number
}

type Params = Record<string, string | number | boolean | undefined>

export type Api = ReturnType<typeof makeApi>

export function makeApi(fetcher: typeof fetch = (...args) => fetch(...args), base = '/api/v1') {
  async function call<T>(
    method: string,
    path: string,
    body?: unknown,
    signal?: AbortSignal,
    /** It goes out although the page is left. */
    keepalive = false,
  ): Promise<T> {
    let response: Response
    try {
      response = await fetcher(base + path, {
        method,
        credentials: 'same-origin',
        ...(body === undefined
          ? {}
          : body instanceof Blob
            ? { headers: { 'content-type': body.type }, body }
            : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
        ...(signal ? { signal } : {}),
        ...(keepalive ? { keepalive } : {}),
      })
    } catch (error) {
      if (signal?.aborted) throw error
      throw new ApiError('offline', 'The server cannot be reached.')
    }
    return answered(response.status, await response.text()) as T
  }
  const get = <T>(path: string, params: Params = {}, signal?: AbortSignal) =>
    call<T>('GET', path + queryString(params), undefined, signal)

  return {
    /** For parts of the app that come later and bring their calls with them. */
    call,
    get,
    server: () => get<ServerInfo>('/server'),
    /** Everything that a start needs, with the first page of a room. */
    bootstrap: (opened: { room?: number; message?: number; invite?: string } = {}) =>
      get<Bootstrap>('/bootstrap', opened),
    /** The key for subscriptions of this server. */
    push: () => get<{ public_key: string }>('/me/push'),
    subscribe: (subscription: object) => call<unknown>('POST', '/me/push', subscription),
    unsubscribe: (endpoint: string) => call<unknown>('DELETE', '/me/push', { endpoint }),
    changeSettings: (patch: object) =>
      call<Record<string, unknown>>('PATCH', '/me/settings', patch),
    signUp: (body: NewAccount) => call<SignedIn>('POST', '/signup', body),
    /** `code` is the app's, or a recovery code, where one is asked for. */
    signIn: (username: string, password: string, code?: string) =>
      call<SignedIn>('POST', '/login', { username, password, code }),
    redeemReset: (token: string, next: string) =>
      call<unknown>('POST', '/reset', { token, password: next }),
    /** With the address where the browser signs out at the provider that it signed in at, if any. */
    signOut: () => call<{ provider_url: string } | null>('POST', '/logout'),
    rename: (display_name: string) => call<User>('PATCH', '/me', { display_name }),
    changePassword: (current: string, next: string) =>
      call<User>('PATCH', '/me', { password: { current, new: next } }),
    sessions: () => get<Session[]>('/sessions'),
    endSession: (id: number) => call<unknown>('DELETE', `/sessions/${id}`),
    endSessions: () => call<unknown>('DELETE', '/sessions'),
    /** By half a name, the likeliest first; without one the first of all. */
    findPeople: (q: string, limit: number, signal?: AbortSignal) =>
      get<User[]>('/users', { q, limit }, signal),
    people: (ids: number[]) => get<User[]>('/users', { ids: ids.join(',') }),
    rooms: () => get<Room[]>('/rooms'),
    /** Public rooms by half a name, also those that the caller is not in. */
    directory: (query: DirectoryQuery, signal?: AbortSignal) =>
      get<{ rooms: Room[]; cursor?: string }>('/rooms/directory', { ...query }, signal),
    /** The caller's own rooms that are archived. */
    archivedRooms: () => get<Room[]>('/rooms', { archived: true }),
    room: (id: number) => get<Room>(`/rooms/${id}`),
    createRoom: (body: NewRoom) => call<Room>('POST', '/rooms', body),
    invite: (body: { uses?: number; expires_in_s?: number } = {}) =>
      call<ShownInvite>('POST', '/invites', body),
    /** All accounts in the order of their ids, disabled ones too. */
    everybody: (after: number, limit: number) => get<User[]>('/users', { after, limit }),
    join: (id: number) => call<unknown>('POST', `/rooms/${id}/join`),
    leave: (id: number) => call<unknown>('POST', `/rooms/${id}/leave`),
    direct: (user_ids: number[]) => call<Room>('POST', '/direct', { user_ids }),
    members: (id: number, query: MemberQuery, signal?: AbortSignal) =>
      get<Member[]>(`/rooms/${id}/members`, { ...query }, signal),
    addMember: (id: number, user_id: number, role?: MemberRole) =>
      call<unknown>('POST', `/rooms/${id}/members`, {
        user_ids: [user_id],
        ...(role ? { role } : {}),
      }),
    removeMember: (id: number, user_id: number) =>
      call<unknown>('DELETE', `/rooms/${id}/members/${user_id}`),
    changeRoom: (
      id: number,
      body: { name?: string; topic?: string; archived?: boolean; default?: boolean },
    ) => call<Room>('PATCH', `/rooms/${id}`, body),
    deleteRoom: (id: number) => call<unknown>('DELETE', `/rooms/${id}`),
    messages: (room: number, query: PageQuery) =>
      get<MessagePage>(`/rooms/${room}/messages`, { ...query, replies: false }),
    read: (room: number, message_id: number) =>
      call<unknown>('POST', `/rooms/${room}/read`, { message_id }),
    pins: (room: number) => get<Pins>(`/rooms/${room}/pins`),
    pin: (id: number, on: boolean) => call<Message>(on ? 'PUT' : 'DELETE', `/messages/${id}/pin`),
    saved: (cursor?: number) => get<SavedPage>('/saved', { cursor }),
    save: (id: number, on: boolean) => call<unknown>(on ? 'PUT' : 'DELETE', `/messages/${id}/save`),
    mentions: (cursor?: number) => get<MentionsPage>('/mentions', { cursor }),
    notify: (room: number, level: NotificationLevel) =>
      call<Room>('PUT', `/rooms/${room}/notifications`, { level }),
    setStatus: (status: Status) => call<User>('PUT', '/me/status', status),
    setAvatar: (picture: Blob) => call<User>('PUT', '/me/avatar', picture),
    removeAvatar: () => call<User>('DELETE', '/me/avatar'),
    user: (id: number) => get<User>(`/users/${id}`),
    drafts: () => get<{ drafts: KeptDraft[] }>('/me/drafts'),
    keepDraft: (draft: { room_id: number; thread_id?: number | undefined; text: string }) =>
      call<unknown>('PUT', '/me/drafts', draft),
    scheduled: () => get<{ scheduled: Scheduled[] }>('/scheduled'),
    schedule: (room: number, body: NewScheduled) =>
      call<Scheduled>('POST', `/rooms/${room}/scheduled`, body),
    changeScheduled: (id: number, body: { text?: string; send_at?: string }) =>
      call<Scheduled>('PATCH', `/scheduled/${id}`, body),
    unschedule: (id: number) => call<unknown>('DELETE', `/scheduled/${id}`),
    sendScheduled: (id: number) => call<Message>('POST', `/scheduled/${id}/send`),
    mySettings: () => get<Record<string, unknown>>('/me/settings'),
    changeMySettings: (patch: Record<string, unknown>) =>
      call<Record<string, unknown>>('PATCH', '/me/settings', patch),
    /** The message and what follows are new again. */
    markUnread: (room: number, message_id: number) =>
      call<{ last_read_id: number }>('POST', `/rooms/${room}/unread`, { message_id }),
    edit: (id: number, text: string, mentions: number[]) =>
      call<Message>('PATCH', `/messages/${id}`, { text, mentions }),
    /** From any message of the thread. */
    thread: (id: number, query: PageQuery) =>
      get<ThreadPage>(`/messages/${id}/thread`, { ...query }),
    threads: (query: { unread?: boolean; cursor?: string | undefined }) =>
      get<FollowedThreads>('/threads', query),
    follow: (id: number, on: boolean) =>
      call<FollowState>(on ? 'PUT' : 'DELETE', `/messages/${id}/follow`),
    readThread: (id: number, message_id: number) =>
      call<FollowState>('POST', `/messages/${id}/thread/read`, { message_id }),
    message: (id: number) => get<Message>(`/messages/${id}`),
    /** Pages that it links to are shown no more. */
    hidePreviews: (id: number) => call<Message>('DELETE', `/messages/${id}/previews`),
    /** What it said before it was edited; for administrators. */
    editHistory: (id: number) => get<EditHistory>(`/messages/${id}/history`),
    beginUpload: (name: string, size: number) => call<Upload>('POST', '/uploads', { name, size }),
    upload: (id: string) => get<Upload>(`/uploads/${id}`),
    giveUpUpload: (id: string) => call<unknown>('DELETE', `/uploads/${id}`),
    removeFile: (id: number) => call<unknown>('DELETE', `/files/${id}`),
    roomFiles: (room: number, cursor?: number) =>
      get<FilesPage>(`/rooms/${room}/files`, { cursor, limit: 50 }),
    remove: (id: number) => call<unknown>('DELETE', `/messages/${id}`, undefined, undefined, true),
    react: (id: number, emoji: string) =>
      call<unknown>('PUT', `/messages/${id}/reactions/${encodeURIComponent(emoji)}`),
    unreact: (id: number, emoji: string) =>
      call<unknown>('DELETE', `/messages/${id}/reactions/${encodeURIComponent(emoji)}`),
    search: (query: Query, signal?: AbortSignal) =>
      get<SearchPage>('/search', { ...query }, signal),
    suggest: (q: string, signal?: AbortSignal) =>
      get<Suggestions>('/search/suggest', { q }, signal),
  }
}

/** What was answered, or why it was refused. */
export function answered(status: number, text: string): unknown {
  const json = parse(text)
  if (status >= 200 && status < 300) return json
  const error = (json as { error?: Partial<ErrorBody> } | undefined)?.error
  throw new ApiError(
    error?.code ?? 'internal',
    error?.message ?? `The server answered ${status}.`,
    status,
    { ...error?.details },
  )
}

function parse(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function queryString(params: Params): string {
  const entries = Object.entries(params).filter(([, v]) => v !== undefined && v !== '')
  const text = new URLSearchParams(entries.map(([k, v]) => [k, String(v)])).toString()
  return text === '' ? '' : `?${text}`
}
