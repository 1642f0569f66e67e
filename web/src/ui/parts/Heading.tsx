import type { ReactNode } from 'react'
import { useNarrow } from '../useNarrow'

/** A heading within a page, one level below the page's own, which is the first on a narrow screen. */
export function Heading({ children }: { children: ReactNode }) {
  const Level = useNarrow() ? 'h2' : 'h3'
  return <Level>{children}</Level>
}
