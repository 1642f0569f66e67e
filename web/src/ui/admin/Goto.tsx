import type { ReactNode } from 'react'
import { go } from '../route'

/** A link within the app. */
export function Goto({ to, children }: { to: string; children: ReactNode }) {
  return (
    <a
      href={to}
      onClick={(e) => {
        if (e.metaKey || e.ctrlKey || e.shiftKey) return
        e.preventDefault()
        go(to)
      }}
    >
      {children}
    </a>
  )
}
