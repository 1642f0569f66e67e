/** What comes beside a room takes the focus, and gives it back to where it was. */
import { useEffect, useLayoutEffect, useRef, type RefObject } from 'react'

/** Where somebody was before a panel was opened. */
let left: WeakRef<HTMLElement> | null = null

/**
 * Notes it as a panel begins to open: where it covers the room, the browser has forgotten the focus
 * by the time that the panel is there.
 */
export function useLeaving(panel: string | undefined): void {
  useLayoutEffect(() => {
    const { activeElement: now } = document
    if (panel === undefined || !(now instanceof HTMLElement)) return
    if (now !== document.body && now.closest('.panel') === null) {
      left = new WeakRef(now)
    }
  }, [panel])
}

export function useReturn(take: () => void, panel: RefObject<HTMLElement | null>): void {
  const taking = useRef(take)
  useEffect(() => {
    const element = panel.current
    taking.current()
    return () => {
      const { activeElement: now } = document
      const isOurs = now === document.body || element?.contains(now)
      const to = left?.deref()
      if (isOurs && to?.isConnected) to.focus()
    }
  }, [panel])
}
