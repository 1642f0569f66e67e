import { useId, useLayoutEffect, useRef, type ReactNode } from 'react'
import { w } from '../i18n'
import { Icon } from './Icon'

interface Props {
  title: string
  onClose: () => void
  children: ReactNode
}

/** The browser's own modal dialog: it keeps the focus inside, closes by Escape and gives it back. */
export function Dialog({ title, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useId()

  // Closed before it leaves the page: only then the browser knows where the focus goes back to.
  useLayoutEffect(() => {
    const element = dialog.current
    element?.showModal()
    return () => element?.close()
  }, [])

  return (
    // A click outside closes; the keyboard has Escape and the button.
    <dialog
      ref={dialog}
      className="dialog"
      aria-labelledby={heading}
      onClose={onClose}
      onMouseDown={(e) => {
        if (e.target === dialog.current) onClose()
      }}
    >
      <div className="dialog-body">
        <header>
          <h2 id={heading}>{title}</h2>
          <button type="button" className="quiet" aria-label={w.close} onClick={onClose}>
            <Icon name="close" />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  )
}

interface ConfirmProps {
  title: string
  confirm: string
  onConfirm: () => void
  onClose: () => void
}

export function Confirm({ title, confirm, onConfirm, onClose }: ConfirmProps) {
  return (
    <Dialog title={title} onClose={onClose}>
      <div className="buttons">
        <button type="button" onClick={onClose}>
          {w.cancel}
        </button>
        <button
          type="button"
          className="danger"
          onClick={() => {
            onConfirm()
            onClose()
          }}
        >
          {confirm}
        </button>
      </div>
    </Dialog>
  )
}
