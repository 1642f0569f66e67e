/** Whoever types where nothing takes it writes: letters, and what is pasted, go into the room's field. */
import { useEffect, type RefObject } from 'react'
import { isComposing } from '../composing'
import { actOf } from '../shell/shortcuts'

/** What has no use of its own for a letter. */
const NOWHERE = 'body, main, .middle, .timeline'

export function useTypingAnywhere(field: RefObject<HTMLElement | null>, on: boolean): void {
  useEffect(() => {
    if (!on) return
    const onKey = (e: KeyboardEvent) => {
      if (e.defaultPrevented || !(e.target instanceof Element) || !e.target.matches(NOWHERE)) return
      if (document.querySelector('dialog[open]') || !writes(e)) return
      // The key itself still goes where the focus is by then.
      if (field.current?.checkVisibility()) field.current.focus()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [field, on])
}

function writes(e: KeyboardEvent): boolean {
  if (actOf(e, false) !== null || e.altKey) return false
  if (e.ctrlKey || e.metaKey) return e.code === 'KeyV'
  // A space scrolls.
  return isComposing(e) || (e.key.length === 1 && e.key !== ' ')
}
