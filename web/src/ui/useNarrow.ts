/** One pane at a time: a phone, or a large text on a small window. */
import { useSyncExternalStore } from 'react'

const query = matchMedia('(width < 48rem)')

export function useNarrow(): boolean {
  return useSyncExternalStore(
    (listener) => {
      query.addEventListener('change', listener)
      return () => query.removeEventListener('change', listener)
    },
    () => query.matches,
  )
}
