/** Says what an unlabelled button does: anything with `data-tip`, and `data-keys` for its shortcut. */
import { useEffect, useRef, useState } from 'react'
import './tips.css'

const WAIT_MS = 450

interface Shown {
  owner: HTMLElement
  text: string
  keys: string | undefined
}

/** One for the whole page: buttons only carry the words. */
export default function Tips() {
  const [shown, setShown] = useState<Shown | null>(null)
  const box = useRef<HTMLDivElement>(null)

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const hide = () => {
      clearTimeout(timer)
      setShown(null)
    }
    const over = (e: Event, wait: number) => {
      const owner = e.target instanceof Element && e.target.closest<HTMLElement>('[data-tip]')
      if (!owner) return
      clearTimeout(timer)
      timer = setTimeout(() => {
        const { tip, keys } = owner.dataset
        if (tip !== undefined && owner.isConnected) setShown({ owner, text: tip, keys })
      }, wait)
    }
    const onPointer = (e: PointerEvent) => {
      hide()
      if (e.pointerType === 'mouse') over(e, WAIT_MS)
    }
    const onFocus = (e: FocusEvent) => {
      hide()
      if (e.target instanceof Element && e.target.matches(':focus-visible')) over(e, 0)
    }
    const onKey = (e: KeyboardEvent) => {
      if (e.key === 'Escape') hide()
    }
    const bound = new AbortController()
    const { signal } = bound
    document.addEventListener('pointerover', onPointer, { signal })
    document.addEventListener('pointerdown', hide, { signal, capture: true })
    document.addEventListener('focusin', onFocus, { signal })
    document.addEventListener('focusout', hide, { signal })
    document.addEventListener('keydown', onKey, { signal, capture: true })
    document.addEventListener('scroll', hide, { signal, capture: true, passive: true })
    return () => {
      bound.abort()
      clearTimeout(timer)
    }
  }, [])

  useEffect(() => {
    const tip = box.current
    if (!shown || !tip) return
    const { owner } = shown
    tip.showPopover()
    const from = owner.getBoundingClientRect()
    const { offsetWidth: width, offsetHeight: height } = tip
    const left = from.left + from.width / 2 - width / 2
    const below = from.bottom + height + 12 < innerHeight
    tip.style.left = `${Math.max(4, Math.min(left, innerWidth - width - 4))}px`
    tip.style.top = `${below ? from.bottom + 6 : from.top - height - 6}px`
    return () => tip.hidePopover()
  }, [shown])

  // The button has its name already: this is for the eyes.
  return (
    <div ref={box} popover="manual" className="tip" aria-hidden="true">
      {shown?.text}
      {shown?.keys !== undefined && <kbd>{shown.keys}</kbd>}
    </div>
  )
}
