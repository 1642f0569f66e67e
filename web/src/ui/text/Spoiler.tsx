import { useEffect, useRef, useState, type ReactNode } from 'react'
import { useWords } from '../../i18n'
import { useStop } from '../timeline/stop'

/** Hidden until somebody asks; what asks is a button, so that keys can. */
export function Spoiler({ children }: { children: ReactNode }) {
  const w = useWords()
  const stop = useStop()
  const [open, setOpen] = useState(false)
  const shown = useRef<HTMLSpanElement>(null)
  const asked = useRef(false)
  useEffect(() => {
    // The button is gone: the focus goes to what it uncovered.
    if (open && asked.current) shown.current?.focus()
  }, [open])
  if (open) {
    return (
      <span ref={shown} className="spoiler" data-open tabIndex={-1}>
        {children}
      </span>
    )
  }
  return (
    <span
      className="spoiler"
      role="button"
      tabIndex={stop}
      aria-label={w.spoiler}
      title={w.spoiler}
      onClick={() => {
        asked.current = true
        setOpen(true)
      }}
      onKeyDown={(e) => {
        if (e.key !== 'Enter' && e.key !== ' ') return
        e.preventDefault()
        e.stopPropagation()
        asked.current = true
        setOpen(true)
      }}
    >
      <span inert>{children}</span>
    </span>
  )
}
