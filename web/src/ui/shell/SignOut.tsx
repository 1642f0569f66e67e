/** Signing out: what is not sent yet is said, and what this browser keeps goes. */
import { moreWords, useWords } from '../../i18n'
import { useChat } from '../context'
import { Confirm } from '../parts/Dialog'

// What comes after it has to be there without a network, too.
Promise.all([import('../entry/Entry'), moreWords('signIn')]).catch(() => undefined)

interface Props {
  onSignOut: (everywhere: boolean) => void
  onClose: () => void
}

export default function SignOut({ onSignOut, onClose }: Props) {
  const w = useWords()
  const waiting = useChat((state) => state.pending.length)
  return (
    <Confirm
      title={w.signOutSure}
      hint={waiting > 0 ? w.signOutLoses(waiting) : w.signOutForgets}
      confirm={w.signOut}
      danger={waiting > 0}
      onConfirm={() => onSignOut(false)}
      onClose={onClose}
    />
  )
}
