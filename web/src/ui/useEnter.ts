/** Binds the machine of `core/compose` to an element: one Enter, one call. */
import { useEffect, useRef, type RefObject } from 'react'
import { idle, step, type ComposeEvent, type Effect } from '../core/compose'

type Field = HTMLTextAreaElement | HTMLInputElement

/** `onEnter` reads the element's live value; it is called outside of any composition. */
export function useEnter(field: RefObject<Field | null>, onEnter: (field: Field) => void): void {
  const latest = useRef(onEnter)
  useEffect(() => {
    latest.current = onEnter
  })

  useEffect(() => {
    const element = field.current
    if (!element) return
    let state = idle
    const feed = (event: ComposeEvent): Effect => {
      const [next, effect] = step(state, event)
      state = next
      if (effect === 'submit') latest.current(element)
      // A task of its own: the browser first finishes writing the composed text into the element.
      if (effect === 'defer') setTimeout(() => feed({ type: 'settled' }))
      return effect
    }
    const onKey = (e: KeyboardEvent) => {
      if (e.defaultPrevented) return
      const effect = feed({
        type: 'key',
        key: e.key,
        // eslint-disable-next-line @typescript-eslint/no-deprecated -- 229 is told nowhere else
        keyCode: e.keyCode,
        isComposing: e.isComposing,
        shift: e.shiftKey,
        modified: e.ctrlKey || e.altKey || e.metaKey,
        repeat: e.repeat,
      })
      if (effect === 'submit' || effect === 'block') e.preventDefault()
    }
    const onStart = () => feed({ type: 'start' })
    const onUpdate = (e: CompositionEvent) => feed({ type: 'update', data: e.data })
    const onEnd = (e: CompositionEvent) => feed({ type: 'end', data: e.data })
    const onBeforeInput = (e: InputEvent) => {
      if (e.inputType !== 'insertLineBreak' && e.inputType !== 'insertParagraph') return
      if (feed({ type: 'linebreak' }) === 'submit') e.preventDefault()
    }
    const bound = new AbortController()
    const { signal } = bound
    const target: HTMLElement = element
    target.addEventListener('keydown', onKey, { signal })
    target.addEventListener('compositionstart', onStart, { signal })
    target.addEventListener('compositionupdate', onUpdate, { signal })
    target.addEventListener('compositionend', onEnd, { signal })
    target.addEventListener('beforeinput', onBeforeInput, { signal })
    return () => bound.abort()
  }, [field])
}

/** Whether a key belongs to the input method and nobody else may act on it. */
export function isComposing(e: KeyboardEvent): boolean {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- 229 is told nowhere else
  return e.isComposing || e.keyCode === 229
}
