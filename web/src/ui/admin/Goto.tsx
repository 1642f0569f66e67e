import type { ReactNode } from 'react'
import { following } from '../route'

/** A link within the app. */
export function Goto({ to, children }: { to: string; children: ReactNode }) {
  return (
    <a href={to} onClick={following(to)}>
      {children}
    </a>
  )
}
