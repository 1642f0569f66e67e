import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { useWords } from '../../i18n'
import { Icon } from '../Icon'
import { dismiss, toasts, type Toast } from './toasts'
import './toasts.css'

/** Time to read a sentence, and to reach for the way back. */
const READ_MS = 4_000
const ACT_MS = 8_000

/** Read out when it comes; it waits while the pointer or the focus is on it. */
export default function Toasts() {
  const all = useSyncExternalStore(toasts.subscribe, toasts.value)
  const box = useRef<HTMLDivElement>(null)
  // Above dialogs too: shown anew, it is the uppermost.
  useEffect(() => {
    const element = box.current
    if (!element || all.length === 0) return
    element.showPopover()
    return () => element.hidePopover()
  }, [all])
  const w = useWords()
  return (
    <>
      <div className="unseen" role="status">
        {all.map(({ id, text }) => (
          <p key={id}>{text}</p>
        ))}
      </div>
      <div ref={box} popover="manual" className="toasts" role="region" aria-label={w.notices}>
        {all.map((one) => (
          <One key={one.id} toast={one} />
        ))}
      </div>
    </>
  )
}

function One({ toast }: { toast: Toast }) {
  const w = useWords()
  const { id, text, act, stays } = toast
  const [held, setHeld] = useState(false)
  useEffect(() => {
    if (held || stays) return
    const timer = setTimeout(() => dismiss(id), act ? ACT_MS : READ_MS)
    return () => clearTimeout(timer)
  }, [held, stays, id, act])
  return (
    <div
      className="toast"
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <span>{text}</span>
      {act && (
        <button
          type="button"
          className="quiet"
          onClick={() => {
            dismiss(id)
            act.run()
          }}
        >
          {act.label}
        </button>
      )}
      <button type="button" className="quiet" aria-label={w.close} onClick={() => dismiss(id)}>
        <Icon name="close" />
      </button>
    </div>
  )
}
