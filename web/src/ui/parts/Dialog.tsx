/**
 * The browser's own modal dialog: it keeps the focus inside, closes by Escape and gives it back.
 * What was typed into it is never lost without a question.
 */
import {
  useCallback,
  useId,
  useLayoutEffect,
  useRef,
  useState,
  type ReactNode,
  type SyntheticEvent,
} from 'react'
import { useWords } from '../../i18n'
import { Icon } from '../Icon'
import './dialog.css'

interface Props {
  title: string
  onClose: () => void
  children: ReactNode
  /** In view however long the dialog is. */
  foot?: ReactNode
  size?: 'small' | 'medium' | 'large'
  /** A title that only says the name to a screen reader. */
  bare?: boolean
}

export function Dialog({ title, onClose, children, foot, size = 'medium', bare }: Props) {
  const w = useWords()
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useId()
  const [asking, setAsking] = useState(false)
  const shown = useRef(false)

  // Closed before it leaves the page: only then the browser knows where the focus goes back to.
  useLayoutEffect(() => {
    const element = dialog.current
    if (!element) return
    element.showModal()
    shown.current = true
    // After `showModal`, which would take the first button.
    first(element)?.focus()
    return () => {
      shown.current = false
      element.close()
    }
  }, [])

  /** Closes, or asks first when something was typed. */
  const leave = useCallback(() => {
    if (dialog.current && isDirty(dialog.current)) setAsking(true)
    else onClose()
  }, [onClose])

  const onCancel = (e: SyntheticEvent<HTMLDialogElement>) => {
    if (e.target !== dialog.current) return
    e.preventDefault()
    leave()
  }
  // A browser may close by a second Escape whatever `cancel` answers: with text in it, it opens again.
  const onClosed = (e: SyntheticEvent<HTMLDialogElement>) => {
    const element = e.currentTarget
    // Taken away by the app itself, it has nobody to tell.
    if (e.target !== element || !shown.current) return
    if (!isDirty(element)) {
      onClose()
      return
    }
    element.showModal()
    setAsking(true)
  }

  return (
    <dialog
      ref={dialog}
      className={`dialog dialog-${size}`}
      aria-labelledby={heading}
      onCancel={onCancel}
      onClose={onClosed}
      // The Escape that ends a composition is the input method's.
      onKeyDown={(e) => {
        if (e.key !== 'Escape') return
        if (e.nativeEvent.isComposing) e.preventDefault()
        else if (e.target instanceof HTMLInputElement && e.target.type === 'search') {
          // A browser would empty the field first.
          e.preventDefault()
          leave()
        }
      }}
      onMouseDown={(e) => {
        if (e.target === dialog.current) leave()
      }}
    >
      <div className="dialog-frame">
        {bare ? (
          <h2 id={heading} className="unseen">
            {title}
          </h2>
        ) : (
          <header className="dialog-head">
            <h2 id={heading} tabIndex={-1}>
              {title}
            </h2>
            <button type="button" className="quiet" aria-label={w.close} onClick={leave}>
              <Icon name="close" />
            </button>
          </header>
        )}
        <div className={bare ? 'dialog-bare' : 'dialog-body'}>{children}</div>
        {foot !== undefined && !asking && <footer className="dialog-foot">{foot}</footer>}
        {asking && <Leaving onStay={() => setAsking(false)} onLeave={onClose} />}
      </div>
    </dialog>
  )
}

function Leaving({ onStay, onLeave }: { onStay: () => void; onLeave: () => void }) {
  const w = useWords()
  const stay = useRef<HTMLButtonElement>(null)
  useLayoutEffect(() => stay.current?.focus(), [])
  return (
    <footer className="dialog-foot" role="alertdialog" aria-label={w.loseTyped}>
      <p>{w.loseTyped}</p>
      <button type="button" ref={stay} onClick={onStay}>
        {w.keepTyping}
      </button>
      <button type="button" className="danger" onClick={onLeave}>
        {w.discard}
      </button>
    </footer>
  )
}

const FIELDS =
  'input:not([type=hidden], [tabindex="-1"], [readonly], [disabled]), textarea, select, [data-first]'

/** Where typing goes: what is marked, else the first field, else the title. */
function first(dialog: HTMLElement): HTMLElement | null {
  return (
    dialog.querySelector<HTMLElement>('[data-first]') ??
    dialog.querySelector<HTMLElement>(FIELDS) ??
    dialog.querySelector<HTMLElement>('h2')
  )
}

/** Something was typed that would be lost. A word to look for is no loss. */
function isDirty(dialog: HTMLElement): boolean {
  const fields = dialog.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>(
    'input:not([type=search], [type=checkbox], [type=radio], [readonly]), textarea',
  )
  return [...fields].some((field) => field.value !== field.defaultValue && field.value !== '')
}

interface ConfirmProps {
  title: string
  /** What it means, where the question alone does not say it. */
  hint?: string
  confirm: string
  /** It cannot be undone. */
  danger?: boolean
  onConfirm: () => void
  onClose: () => void
}

/** A question. The focus is on the answer that changes nothing. */
export function Confirm({ title, hint, confirm, danger = true, ...props }: ConfirmProps) {
  const { onConfirm, onClose } = props
  const w = useWords()
  return (
    <Dialog
      title={title}
      size="small"
      onClose={onClose}
      foot={
        <>
          <button type="button" data-first onClick={onClose}>
            {w.cancel}
          </button>
          <button
            type="button"
            className={danger ? 'danger primary' : 'primary'}
            onClick={() => {
              onConfirm()
              onClose()
            }}
          >
            {confirm}
          </button>
        </>
      }
    >
      {hint !== undefined && <p className="hint">{hint}</p>}
    </Dialog>
  )
}
