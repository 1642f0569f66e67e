/** Forms: fields that say early what is wrong, the problem where there is one, one button. */
import { useEffect, useId, useRef, useState, type ReactNode, type SubmitEvent } from 'react'
import { useWords } from '../../i18n'
import { Icon } from '../Icon'
import type { useAction } from '../useAction'

interface FormProps {
  title?: string
  hint?: string
  button: string
  action: ReturnType<typeof useAction>
  onSubmit: (fields: FormData) => void
  children: ReactNode
  /** A button as wide as the form, where the form is all there is. */
  wide?: boolean
}

/** Enter is the browser's own submit. */
export function Form({ title, hint, button, action, onSubmit, children, wide }: FormProps) {
  const submit = (e: SubmitEvent<HTMLFormElement>) => {
    e.preventDefault()
    if (!action.busy) onSubmit(new FormData(e.currentTarget))
  }
  return (
    <form className="form" onSubmit={submit}>
      {title !== undefined && title !== '' && <h1>{title}</h1>}
      {hint !== undefined && <p className="hint">{hint}</p>}
      {children}
      {action.problem !== null && (
        <p className="problem" role="alert">
          {action.problem}
        </p>
      )}
      <div className={wide ? 'form' : 'buttons'}>
        <button type="submit" className="primary" aria-disabled={action.busy}>
          {button}
        </button>
      </div>
    </form>
  )
}

interface FieldProps {
  name: string
  label: string
  hint?: string
  type?: 'text' | 'password'
  autoComplete?: string
  optional?: boolean
  value?: string
  /** Digits, on keyboards that show them. */
  numeric?: boolean
  /** Typing begins here; in a dialog that is so without saying. */
  first?: boolean
  /** In characters as a reader counts them. */
  max?: number
  /** What is wrong with it so far, or `null`. Asked for when the field is left and then with each key. */
  check?: (value: string) => string | null
  onInput?: (value: string) => void
}

export function Field({ name, label, hint, type = 'text', optional, value, ...props }: FieldProps) {
  const { max, check, onInput, first, numeric, ...rest } = props
  const w = useWords()
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (first) input.current?.focus()
  }, [first])
  const [typed, setTyped] = useState(value ?? '')
  const [left, setLeft] = useState(false)
  const [seen, setSeen] = useState(false)
  const wrong = problemOf(typed)
  const shown = left ? wrong : null

  useEffect(() => {
    input.current?.setCustomValidity(wrong ?? '')
  }, [wrong])

  function problemOf(text: string): string | null {
    if (max !== undefined && lengthOf(text) > max) return w.tooLong(max)
    return text === '' ? null : (check?.(text) ?? null)
  }
  const described = [
    ...(hint === undefined ? [] : [`${id}-hint`]),
    ...(shown === null ? [] : [`${id}-problem`]),
  ].join(' ')
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        ref={input}
        id={id}
        name={name}
        type={type === 'password' && seen ? 'text' : type}
        required={!optional}
        defaultValue={value}
        autoCapitalize="none"
        spellCheck={false}
        inputMode={numeric ? 'numeric' : undefined}
        aria-invalid={shown === null ? undefined : true}
        aria-describedby={described === '' ? undefined : described}
        onBlur={() => setLeft(true)}
        // What is known to be wrong is said here, before the server is asked.
        onInvalid={(e) => {
          if (!e.currentTarget.validity.customError) return
          e.preventDefault()
          setLeft(true)
          e.currentTarget.form?.querySelector<HTMLElement>('input:invalid')?.focus()
        }}
        onInput={(e) => {
          setTyped(e.currentTarget.value)
          onInput?.(e.currentTarget.value)
        }}
        {...rest}
      />
      {/* Behind the field: who types goes from field to field. */}
      {type === 'password' && (
        <button
          type="button"
          className="quiet field-eye"
          aria-pressed={seen}
          aria-label={w.showPassword}
          data-tip={w.showPassword}
          onClick={() => setSeen(!seen)}
        >
          <Icon name="eye" />
        </button>
      )}
      {shown !== null && (
        <span id={`${id}-problem`} className="field-problem" role="status">
          {shown}
        </span>
      )}
      {hint !== undefined && <small id={`${id}-hint`}>{hint}</small>}
    </div>
  )
}

function lengthOf(text: string): number {
  return [...new Intl.Segmenter().segment(text.normalize('NFC'))].length
}

/** A field as one line of text: NFC, without blanks around it. */
export function text(fields: FormData, name: string): string {
  const value = fields.get(name)
  return typeof value === 'string' ? value.normalize('NFC').trim() : ''
}

/** Passwords are never trimmed; NFC, so that macOS and Windows type the same one. */
export function password(fields: FormData, name = 'password'): string {
  const value = fields.get(name)
  return typeof value === 'string' ? value.normalize('NFC') : ''
}
