/** What the server sends and takes, by name. Ids are integers below 2^53; times RFC 3339 in UTC. */

export interface User {
  id: number
  username: string
  display_name: string
  role: 'admin' | 'member'
  created_at: string
  disabled?: boolean
}

export type Author = Pick<User, 'id' | 'username' | 'display_name'>

export interface Reaction {
  emoji: string
  user_ids: number[]
}

export interface Message {
  id: number
  room_id: number
  author: Author
  text: string
  sent_at: string
  edited_at?: string | null
  deleted?: boolean
  client_id?: string | null
  reply_to?: number | null
  thread?: { count: number; last_at: string } | null
  reactions: Reaction[]
  /** The members whom the text names with `@`. */
  mentions: number[]
  pinned?: boolean
  external_id?: string | null
}

export type RoomKind = 'public' | 'private' | 'direct'

/** The caller's own place in a room; absent when not a member. */
export interface Membership {
  role: 'owner' | 'member'
  last_read_id: number
  unread: number
  mentions: number
}

export interface Room {
  id: number
  name: string
  topic: string
  kind: RoomKind
  member_count: number
  created_at: string
  last_message?: Message | null
  /** The people of a direct room, the caller included. */
  members?: User[]
  me?: Membership | null
}

export interface MessagePage {
  messages: Message[]
  more_before: boolean
  more_after: boolean
}

export interface Member {
  user: User
  role: 'owner' | 'member'
  joined_at: string
  last_read_id: number
}

export interface Session {
  id: number
  created_at: string
  expires_at: string
  user_agent: string
  address: string
  current: boolean
}

export interface ServerInfo {
  name: string
  version: string
  signup: 'open' | 'invite' | 'closed'
  setup_required: boolean
}

export interface SignedIn {
  token: string
  expires_at: string
  user: User
}

export interface SearchHit {
  message: Message
  score: number
  highlights: [number, number][]
}

export interface SearchPage {
  total: number
  took_ms: number
  hits: SearchHit[]
  cursor?: string | null
}

export interface Suggestions {
  completions: string[]
  related: string[]
  rooms: { id: number; name: string }[]
  users: Author[]
  popular: string[]
}

export interface ErrorBody {
  code: string
  message: string
  details?: Record<string, unknown>
}
