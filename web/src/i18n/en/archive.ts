import type { archive as korean } from '../ko/archive'
import type { Same } from '../same'

export const archive: Same<typeof korean> = {
  archive: 'Archive',
  archiveSure: (room) => `Archive “${room}”?`,
  archiveMeans:
    'It leaves the list of rooms and nobody can write in it. Reading and searching stay. It can come back at any time.',
  archivedIt: (room) => `“${room}” is archived.`,
  noArchived: 'No room is archived.',
  archivedRooms: 'Archived rooms',
}
