/** Acts that are rare, behind a button (⋯) or the second mouse button. Arrows move, letters find. */
import { useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react'
import { useWords } from '../../i18n'
import { Icon, type IconName } from '../Icon'
import { moved, typedTo } from './roving'
import { Popover, type Side } from './Popover'
import './menu.css'

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

interface ListProps {
  label: string
  items: readonly MenuItem[]
  anchor: React.RefObject<HTMLElement | null>
  side?: Side
  at?: { x: number; y: number } | undefined
  onClose: () => void
}

export function MenuList({ label, items, anchor, side = 'below-end', at, onClose }: ListProps) {
  const w = useWords()
  const list = useRef<HTMLDivElement>(null)
  const typed = useRef('')
  useLayoutEffect(() => {
    list.current?.querySelector('button')?.focus()
  }, [])

  const onKeyDown = (e: KeyboardEvent) => {
    const buttons = [...(list.current?.querySelectorAll('button') ?? [])]
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement)
    const next = moved(e.key, at, buttons.length)
    if (next !== null) {
      e.preventDefault()
      buttons[next]?.focus()
    } else if (e.key === 'Tab') {
      e.preventDefault()
      onClose()
    } else if (e.key.length === 1 && e.key !== ' ' && !e.ctrlKey && !e.metaKey && !e.altKey) {
      e.preventDefault()
      const found = typedTo(
        typed,
        e.key,
        items.map((item) => item.label),
        at,
      )
      if (found !== null) buttons[found]?.focus()
    }
  }
  return (
    <Popover anchor={anchor} side={side} at={at} onClose={onClose}>
      <div ref={list} role="menu" aria-label={label} className="menu" onKeyDown={onKeyDown}>
        {items.map((item) => (
          <button
            key={item.label}
            type="button"
            role={item.checked === undefined ? 'menuitem' : 'menuitemcheckbox'}
            aria-checked={item.checked}
            tabIndex={-1}
            className={item.danger ? 'menu-item menu-danger' : 'menu-item'}
            data-apart={item.apart}
            onPointerMove={(e) => e.currentTarget.focus({ preventScroll: true })}
            onClick={() => {
              onClose()
              item.onPick()
            }}
          >
            {item.icon && <Icon name={item.icon} />}
            <span className="menu-label">{item.label}</span>
            {item.checked === true && <Icon name="check" />}
            {item.keys !== undefined && <kbd>{item.keys}</kbd>}
          </button>
        ))}
        {items.length === 0 && <p className="hint">{w.nothingFound}</p>}
      </div>
    </Popover>
  )
}
