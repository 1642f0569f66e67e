/** Every place of the app and its address. */

export type Page =
  | 'home'
  | 'signup'
  | 'reset'
  | 'email'
  | 'room'
  | 'search'
  | 'threads'
  | 'mentions'
  | 'saved'
  | 'later'
  | 'share'
  | 'settings'
  | 'admin'
  | 'unknown'

/** What stands in the right-hand slot. */
export type Panel = 'thread' | 'search' | 'members' | 'pins' | 'files'

export interface Route {
  page: Page
  room: number | undefined
  /** A message to show within the room. */
  message: number | undefined
  panel: Panel | undefined
  /** The message that began the thread of the panel. */
  root: number | undefined
  /** The part of the settings or the administration. */
  section: string | undefined
  /** What is searched for. */
  query: string
  invite: string | undefined
  /** What another app shared. */
  shared: string
  /** Of a link for a new password, or for an address of mail. */
  token: string | undefined
}

type Place = Partial<Pick<Route, 'page' | 'panel'>>

const table: [pattern: string, place: Place & { page: Page }][] = [
  ['/', { page: 'home' }],
  ['/signup', { page: 'signup' }],
  ['/reset', { page: 'reset' }],
  ['/email', { page: 'email' }],
  ['/rooms/:room', { page: 'room' }],
  ['/rooms/:room/thread/:root', { page: 'room', panel: 'thread' }],
  ['/rooms/:room/search', { page: 'room', panel: 'search' }],
  ['/rooms/:room/members', { page: 'room', panel: 'members' }],
  ['/rooms/:room/pins', { page: 'room', panel: 'pins' }],
  ['/rooms/:room/files', { page: 'room', panel: 'files' }],
  ['/search', { page: 'search', panel: 'search' }],
  ['/threads', { page: 'threads' }],
  ['/mentions', { page: 'mentions' }],
  ['/saved', { page: 'saved' }],
  ['/later', { page: 'later' }],
  ['/share', { page: 'share' }],
  ['/settings', { page: 'settings' }],
  ['/settings/:section', { page: 'settings' }],
  ['/admin', { page: 'admin' }],
  ['/admin/:section', { page: 'admin' }],
]

const ids = new Set([':room', ':root'])

export function parse(path: string, query: string): Route {
  const params = new URLSearchParams(query)
  const route: Route = {
    page: 'unknown',
    room: undefined,
    message: id(params.get('m')),
    panel: undefined,
    root: undefined,
    section: undefined,
    query: params.get('q') ?? '',
    invite: params.get('invite') ?? undefined,
    shared: shared(params),
    token: params.get('token') ?? undefined,
  }
  for (const [pattern, place] of table) {
    const found = match(pattern, path)
    if (found) return { ...route, ...place, ...found }
  }
  return route
}

/** Apps put the same address into two of the three. */
function shared(params: URLSearchParams): string {
  const parts = ['title', 'text', 'url'].map((name) => params.get(name)?.trim() ?? '')
  const kept = parts.filter(
    (part, n) => part !== '' && !parts.slice(0, n).some((p) => p.includes(part)),
  )
  return kept.join('\n')
}

function match(pattern: string, path: string): Partial<Route> | undefined {
  const wanted = pattern.split('/')
  const parts = path.replace(/(?<=.)\/$/, '').split('/')
  if (wanted.length !== parts.length) return undefined
  const found: Record<string, string | number> = {}
  for (const [n, name] of wanted.entries()) {
    const part = parts[n] ?? ''
    if (ids.has(name)) {
      const number = id(part)
      if (number === undefined) return undefined
      found[name.slice(1)] = number
    } else if (name.startsWith(':')) found[name.slice(1)] = part
    else if (name !== part) return undefined
  }
  return found
}

function id(text: string | null): number | undefined {
  return text !== null && /^[1-9]\d{0,15}$/.test(text) ? Number(text) : undefined
}

export function roomPath(room: number, message?: number): string {
  return message === undefined ? `/rooms/${room}` : `/rooms/${room}?m=${message}`
}

export function threadPath(room: number, root: number, message?: number): string {
  return `/rooms/${room}/thread/${root}${message === undefined ? '' : `?m=${message}`}`
}

export function panelPath(room: number, panel: Exclude<Panel, 'thread' | 'search'>): string {
  return `/rooms/${room}/${panel}`
}

/** The search, beside a room if there is one, with one of its messages in view. */
export function searchPath(room: number | undefined, q = '', message?: number): string {
  const params = new URLSearchParams()
  if (q !== '') params.set('q', q)
  if (message !== undefined) params.set('m', `${message}`)
  const query = params.size > 0 ? `?${params}` : ''
  return (room === undefined ? '/search' : `/rooms/${room}/search`) + query
}

/** The server says the same in the page's `Link` header: what is asked for is there already. */
export function startOf({ panel, room, message }: Pick<Route, 'panel' | 'room' | 'message'>): {
  room?: number
  message?: number
} {
  if (room === undefined) return {}
  return message === undefined || panel === 'thread' ? { room } : { room, message }
}

export function settingsPath(section?: string): string {
  return section === undefined ? '/settings' : `/settings/${section}`
}

/** The same place without what stands beside the room. */
export function withoutPanel({ room }: Pick<Route, 'room'>): string {
  return room === undefined ? '/' : roomPath(room)
}
