/** A button that opens the picker beside it; the picker comes when it is wanted first. */
import { lazy, Suspense, useEffect, useRef, useState, type ReactNode } from 'react'
import { useWords } from '../../i18n'
import { Popover, type Side } from '../parts/Popover'

const EmojiPicker = lazy(() => import('./EmojiPicker'))

let opened = 0

/** A picker is open: what it belongs to stays, wherever the pointer goes on its way. */
export function isPicking(): boolean {
  return opened > 0
}

interface Props {
  label: string
  side?: Side
  className?: string
  /** A toolbar moves between its buttons itself. */
  tabIndex?: number
  onPick: (emoji: string) => void
  onOpen?: (open: boolean) => void
  children: ReactNode
}

export function PickerButton({
  label,
  side = 'above-end',
  onPick,
  onOpen,
  children,
  ...props
}: Props) {
  const w = useWords()
  const button = useRef<HTMLButtonElement>(null)
  const [open, setOpen] = useState(false)
  /** Whether it was open when the pointer came down, which closes it before the click. */
  const wasOpen = useRef(false)
  useEffect(() => {
    if (!open) return
    opened += 1
    return () => {
      opened -= 1
    }
  }, [open])
  const show = (next: boolean) => {
    setOpen(next)
    onOpen?.(next)
  }
  return (
    <>
      <button
        ref={button}
        type="button"
        className={props.className ?? 'quiet'}
        tabIndex={props.tabIndex}
        aria-label={label}
        aria-haspopup="dialog"
        aria-expanded={open}
        data-tip={label}
        onPointerDown={() => (wasOpen.current = open)}
        // A click by key has no pointer before it.
        onClick={(e) => show(!(e.detail === 0 ? open : wasOpen.current))}
      >
        {children}
      </button>
      {open && (
        <Popover
          anchor={button}
          side={side}
          role="dialog"
          label={label}
          className="emoji-popover"
          onClose={() => show(false)}
        >
          <Suspense fallback={<p className="emoji-wait">{w.loading}</p>}>
            <EmojiPicker
              onPick={(emoji) => {
                show(false)
                onPick(emoji)
              }}
            />
          </Suspense>
        </Popover>
      )}
    </>
  )
}
