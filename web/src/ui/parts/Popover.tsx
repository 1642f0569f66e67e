/** A small surface beside what opened it, in the browser's top layer: Escape and a click elsewhere close it. */
import { useId, useLayoutEffect, useRef, type ReactNode, type RefObject } from 'react'
import './popover.css'

export type Side = 'below-start' | 'below-end' | 'above-start' | 'above-end' | 'beside'

interface Props {
  /** What it belongs to; the focus goes back there. */
  anchor: RefObject<HTMLElement | null>
  side?: Side
  onClose: () => void
  children: ReactNode
  className?: string
  /** Where a pointer asked for it, instead of the anchor. */
  at?: { x: number; y: number } | undefined
  role?: string
  label?: string
}

export function Popover({ anchor, side = 'below-start', onClose, children, ...props }: Props) {
  const { className = '', at, role, label } = props
  const box = useRef<HTMLDivElement>(null)
  const name = `--anchor-${useId().replace(/\W/g, '')}`
  const close = useRef(onClose)
  useLayoutEffect(() => {
    close.current = onClose
  })

  useLayoutEffect(() => {
    const element = box.current
    const owner = anchor.current
    if (!element) return
    if (at) placeAt(element, at)
    else if (owner && canAnchor) {
      owner.style.setProperty('anchor-name', name)
      element.style.setProperty('position-anchor', name)
    }
    element.showPopover()
    if (!at && owner && !canAnchor) placeBeside(element, owner, side)
    const onToggle = (e: ToggleEvent) => {
      if (e.newState === 'closed') close.current()
    }
    element.addEventListener('toggle', onToggle)
    return () => {
      element.removeEventListener('toggle', onToggle)
      const inside = element.contains(document.activeElement)
      element.hidePopover()
      owner?.style.removeProperty('anchor-name')
      if (inside && owner?.isConnected) owner.focus()
    }
    // It is placed once: what it belongs to stays where it is while it is open.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [])

  return (
    <div
      ref={box}
      popover="auto"
      className={`popover ${at ? 'popover-at' : `popover-${side}`} ${className}`}
      role={role}
      aria-label={label}
      // What happens inside is not a matter of the row or dialog around it.
      onClick={(e) => e.stopPropagation()}
      onKeyDown={(e) => {
        if (e.key === 'Escape' && e.nativeEvent.isComposing) e.preventDefault()
        e.stopPropagation()
      }}
    >
      {children}
    </div>
  )
}

const canAnchor = typeof CSS !== 'undefined' && CSS.supports('position-anchor: --a')
const GAP = 4

function placeAt(element: HTMLElement, { x, y }: { x: number; y: number }): void {
  element.style.left = `${Math.min(x, innerWidth - 240)}px`
  if (y < innerHeight / 2) element.style.top = `${y}px`
  else element.style.bottom = `${innerHeight - y}px`
}

/** The same by hand, for browsers without anchors. */
function placeBeside(element: HTMLElement, owner: HTMLElement, side: Side): void {
  const from = owner.getBoundingClientRect()
  const { offsetWidth: width, offsetHeight: height } = element
  const above = side.startsWith('above') || from.bottom + height + GAP > innerHeight
  const left = side.endsWith('end') ? from.right - width : from.left
  element.style.left = `${Math.max(GAP, Math.min(left, innerWidth - width - GAP))}px`
  element.style.top = `${Math.max(GAP, above ? from.top - height - GAP : from.bottom + GAP)}px`
}
