import { moreWords } from '../../i18n'

/** Where one signs in is there before it is wanted: signing out works without a network. */
export function fetchEntry(): void {
  Promise.all([import('./Entry'), moreWords('signIn')]).catch(() => undefined)
}
