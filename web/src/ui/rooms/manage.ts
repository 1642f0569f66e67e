import type { Room } from '../../api/types'

/** Owners manage; a public room also whoever administers the house. */
export function mayManage(room: Room, role: string | undefined): boolean {
  if (room.kind === 'direct') return false
  return room.me?.role === 'owner' || (room.kind === 'public' && role === 'admin')
}
