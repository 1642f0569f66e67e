/** Binds the machine of `core/compose` to an element: one Enter, one call. */
import { useEffect, useRef, type RefObject } from 'react'
import { idle, step, type ComposeEvent, type Effect } from '../core/compose'

type Field = HTMLTextAreaElement | HTMLInputElement

/**
 * `onEnter` reads the element's live value; it is called outside of any composition. Where `breaks`
 * says so a plain Enter breaks the line, and only one with Ctrl or ⌘ calls.
 */
export function useEnter(
  field: RefObject<Field | null>,
  onEnter: (field: Field) => void,
  breaks: () => boolean = never,
): void {
  const latest = useRef({ onEnter, breaks })
  useEffect(() => {
    latest.current = { onEnter, breaks }
  })

  useEffect(() => {
    const element = field.current
    if (!element) return
    let state = idle
    const feed = (event: ComposeEvent): Effect => {
      const [next, effect] = step(state, event)
      state = next
      if (effect === 'submit' || effect === 'flush') latest.current.onEnter(element)
      // The browser tells its own listeners of the end first; no time passes.
      if (effect === 'defer') queueMicrotask(() => feed({ type: 'settled' }))
      return effect
    }
    const onKey = (e: KeyboardEvent) => {
      if (e.defaultPrevented) return
      const command = e.ctrlKey || e.metaKey
      const effect = feed({
        type: 'key',
        key: e.key,
        code: e.code,
        // eslint-disable-next-line @typescript-eslint/no-deprecated -- 229 is told nowhere else
        keyCode: e.keyCode,
        isComposing: e.isComposing,
        shift: e.shiftKey || (!command && latest.current.breaks()),
        alt: e.altKey,
        repeat: e.repeat,
      })
      if (effect === 'submit' || effect === 'block') e.preventDefault()
    }
    const onBeforeInput = (e: InputEvent) => {
      if (e.inputType !== 'insertLineBreak' && e.inputType !== 'insertParagraph') return
      const effect = feed({ type: 'linebreak' })
      if (effect === 'submit' || effect === 'block') e.preventDefault()
    }
    const bound = new AbortController()
    const { signal } = bound
    const target: HTMLElement = element
    target.addEventListener('keydown', onKey, { signal })
    target.addEventListener('compositionstart', () => feed({ type: 'start' }), { signal })
    target.addEventListener('compositionupdate', (e) => feed({ type: 'update', data: e.data }), {
      signal,
    })
    target.addEventListener('compositionend', (e) => feed({ type: 'end', data: e.data }), {
      signal,
    })
    target.addEventListener('beforeinput', onBeforeInput, { signal })
    target.addEventListener('blur', () => feed({ type: 'blur' }), { signal })
    // A key may be let go where the focus has gone meanwhile.
    document.addEventListener('keyup', ({ key, code }) => feed({ type: 'up', key, code }), {
      signal,
      capture: true,
    })
    return () => bound.abort()
  }, [field])
}

function never(): boolean {
  return false
}
