import type { search as korean } from '../ko/search'
import type { Same } from '../same'

export const search: Same<typeof korean> = {
  onlyHere: 'Only this room',
  hasThing: 'Has',
  things: {
    link: 'with a link',
    file: 'with a file',
    reaction: 'with reactions',
    pin: 'pinned',
  },
  dates: 'Dates',
  lastDays: (days) => (days === 0 ? 'today' : days === 365 ? 'last year' : `last ${days} days`),
  filterChip: {
    from: (value) => `from ${value}`,
    in: (value) => `in ${value}`,
    after: (value) => `since ${value}`,
    before: (value) => `until ${value}`,
  },
  searchInterpreted: (words) => `Nothing matched as typed; these match “${words}”.`,
  goToRoom: 'go to room',
  searchUnknown: (name) => `Nobody and no room is called “${name}”.`,
  searchNoneHere: 'No message was found.',
  searchTry: 'How about this?',
  searchOtherWords: 'Try other words.',
  searchInstead: (words) => `Search for “${words}”`,
  searchWithout: (filter) => `Search without “${filter}”`,
  searchNoFilters: 'Search without filters',
}
