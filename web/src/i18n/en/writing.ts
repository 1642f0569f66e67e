import type { writing as ko } from '../ko/writing'
import type { Same } from '../same'

/** Writing, and what was written. */
export const writing: Same<typeof ko> = {
  showMore: 'Show more',
  showLess: 'Show less',
  spoiler: 'Show hidden text',
  copyCode: 'Copy code',
  table: 'Table',
  taskDone: 'Done',
  taskOpen: 'To do',
  leadsTo: (host) => `→ ${host}`,
  controlCharacter: 'An invisible character that turns the direction of text',
}
