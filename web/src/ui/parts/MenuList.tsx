/** The list of a menu. Arrows move, letters find. */
import { useLayoutEffect, useRef, type KeyboardEvent } from 'react'
import { useWords } from '../../i18n'
import { Icon } from '../Icon'
import type { MenuItem } from './Menu'
import { Popover, type Side } from './Popover'
import { moved } from './moved'
import { typedTo } from './roving'
import './menu.css'

interface ListProps {
  label: string
  items: readonly MenuItem[]
  anchor: React.RefObject<HTMLElement | null>
  side?: Side
  at?: { x: number; y: number } | undefined
  onClose: () => void
}

export default function MenuList({
  label,
  items,
  anchor,
  side = 'below-end',
  at,
  onClose,
}: ListProps) {
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
