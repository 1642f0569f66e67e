/** Signing out: what is not sent yet is said, and what this browser keeps goes. */
import { useEffect } from 'react'
import { useWords } from '../../i18n'
import { useChat } from '../context'
import { fetchEntry } from '../entry/ahead'
import { Confirm } from '../parts/Dialog'

interface Props {
  onSignOut: (everywhere: boolean) => void
  onClose: () => void
}

export default function SignOut({ onSignOut, onClose }: Props) {
  const w = useWords()
  useEffect(fetchEntry, [])
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
