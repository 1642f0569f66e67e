/** What was asked last and where one was in the answer: closing the panel forgets neither. */
import type { SearchPage } from '../../api/types'

export const memory: {
  asked: string
  page: SearchPage | null
  /** The question that the page answers. */
  of: string
  scrolled: number
} = { asked: '', page: null, of: '', scrolled: 0 }

/** Nothing of one person's searches is left for the next. */
export function forgetSearches(): void {
  memory.asked = ''
  memory.page = null
  memory.of = ''
  memory.scrolled = 0
}
