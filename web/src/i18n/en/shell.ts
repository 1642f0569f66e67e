import type { Same } from '../same'
import type { shell as korean } from '../ko/shell'

export const shell: Same<typeof korean> = {
  loseTyped: 'Discard what you wrote?',
  keepTyping: 'Keep writing',
  discard: 'Discard',
  undo: 'Undo',
  copy: 'Copy',
  copied: 'Copied.',
  moreActions: 'More',
  tryAgain: 'Try again',
}
