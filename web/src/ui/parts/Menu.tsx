/** Acts that are rare, behind a button (⋯) or the second mouse button. Arrows move, letters find. */
import { useRef, useState, type ReactNode } from 'react'
import { MenuList } from '../Behind'
import { Icon, type IconName } from '../Icon'
import type { Side } from './Popover'

export interface MenuItem {
  label: string
  icon?: IconName
  /** Says that it is on; a choice of one among several, or yes and no. */
  checked?: boolean
  danger?: boolean
  /** Begins a new group. */
  apart?: boolean
  keys?: string
  onPick: () => void
}

interface Props {
  /** What the button does, for those who do not see it. */
  label: string
  items: readonly MenuItem[]
  children?: ReactNode
  className?: string
  side?: Side
}

/** A button and its menu. */
export function Menu({ label, items, children, className = 'quiet', side }: Props) {
  const button = useRef<HTMLButtonElement>(null)
  const [open, setOpen] = useState(false)
  if (items.length === 0) return null
  return (
    <>
      <button
        type="button"
        ref={button}
        className={className}
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={open}
        data-tip={label}
        // Before the popover's own light dismissal, which would open it again.
        onPointerDown={(e) => {
          if (open) e.preventDefault()
        }}
        onClick={() => setOpen(!open)}
        onKeyDown={(e) => {
          if (e.key !== 'ArrowDown' && e.key !== 'ArrowUp') return
          e.preventDefault()
          e.stopPropagation()
          setOpen(true)
        }}
      >
        {children ?? <Icon name="more" />}
      </button>
      {open && (
        <MenuList
          label={label}
          items={items}
          anchor={button}
          side={side ?? 'below-end'}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  )
}
