/** Binds a field to its draft: what is typed is kept, what another tab keeps is shown. */
import { useEffect, useLayoutEffect, useMemo, useRef, useState, type RefObject } from 'react'
import { merged, type Draft, type Place } from '../../core/drafts'
import { useDrafts } from './drafts'

interface Options {
  place: Place
  /** What stands there without a draft: the message that is changed. */
  initial: string
  /** The field shows another text. */
  onShown: (text: string) => void
}

export function useDraft(
  field: RefObject<HTMLTextAreaElement | null>,
  { place, initial, onShown }: Options,
) {
  const drafts = useDrafts()
  const [first] = useState(() => drafts.read(place)?.text ?? initial)
  /** The text as other tabs know it. */
  const known = useRef(first)
  const shown = useRef(onShown)
  useEffect(() => {
    shown.current = onShown
  })

  // The caret stands where writing stopped.
  useLayoutEffect(() => {
    const element = field.current
    element?.setSelectionRange(element.value.length, element.value.length)
  }, [field])

  useEffect(() => {
    const element = field.current
    if (!element) return
    let composing = false
    let waiting: { draft: Draft | null } | null = null
    const show = (draft: Draft | null) => {
      const next = merged(element.value, known.current, draft) || (draft ? '' : initial)
      known.current = draft?.text ?? initial
      if (next === element.value) return
      const end = element.selectionEnd === element.value.length
      const at = element.selectionEnd
      element.value = next
      const caret = end ? next.length : Math.min(at, next.length)
      element.setSelectionRange(caret, caret)
      shown.current(next)
    }
    const stop = drafts.subscribe((changed, draft) => {
      if (changed !== place || (draft?.text ?? initial) === element.value) return
      if (composing) waiting = { draft }
      else show(draft)
    })
    const bound = new AbortController()
    const { signal } = bound
    element.addEventListener('compositionstart', () => (composing = true), { signal })
    element.addEventListener(
      'compositionend',
      () => {
        composing = false
        if (!waiting) return
        const { draft } = waiting
        waiting = null
        show(draft)
      },
      { signal },
    )
    return () => {
      stop()
      bound.abort()
    }
  }, [field, drafts, place, initial])

  const bound = useMemo(
    () => ({
      read: () => drafts.read(place),
      keep: (text: string) => {
        known.current = text
        if (text === initial) drafts.forget(place)
        else drafts.keep(place, text)
      },
      choose: (text: string, chosen: Draft['chosen']) => drafts.keep(place, text, chosen),
      forget: () => {
        known.current = initial
        drafts.forget(place)
      },
    }),
    [drafts, place, initial],
  )
  return { first, ...bound }
}
