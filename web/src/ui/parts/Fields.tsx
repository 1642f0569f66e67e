/** Fields of longer forms: one of many, several of a few, longer texts. */
import { useId, type ReactNode } from 'react'
import './fields.css'

interface SelectProps {
  name: string
  label: string
  hint?: string
  value?: string
  required?: boolean
  options: readonly { value: string; label: string }[]
  onChange?: (value: string) => void
}

export function SelectField({ name, label, hint, value, options, ...props }: SelectProps) {
  const id = useId()
  const { onChange, required } = props
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        name={name}
        required={required}
        defaultValue={value}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={(e) => onChange?.(e.target.value)}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      {hint !== undefined && <small id={`${id}-hint`}>{hint}</small>}
    </div>
  )
}

interface ChecksProps {
  name: string
  label: string
  hint?: string
  checked?: readonly string[]
  options: readonly { value: string; label: string }[]
}

/** Several of a few; the form reads them by `getAll`. */
export function Checks({ name, label, hint, checked = [], options }: ChecksProps) {
  const id = useId()
  return (
    <fieldset className="checks" aria-describedby={hint === undefined ? undefined : `${id}-hint`}>
      <legend>{label}</legend>
      {hint !== undefined && <small id={`${id}-hint`}>{hint}</small>}
      <div className="checks-grid">
        {options.map((option) => (
          <label key={option.value} className="check">
            <input
              type="checkbox"
              name={name}
              value={option.value}
              defaultChecked={checked.includes(option.value)}
            />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}

interface AreaProps {
  name: string
  label: string
  hint?: string
  rows?: number
  value?: string
}

export function AreaField({ name, label, hint, rows = 3, value }: AreaProps) {
  const id = useId()
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <textarea
        id={id}
        name={name}
        rows={rows}
        defaultValue={value}
        spellCheck={false}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
      />
      {hint !== undefined && <small id={`${id}-hint`}>{hint}</small>}
    </div>
  )
}

/** What a page can do, above its table. */
export function Acts({ about, children }: { about: string; children?: ReactNode }) {
  return (
    <div className="acts">
      <p className="hint">{about}</p>
      {children !== undefined && <div className="buttons">{children}</div>}
    </div>
  )
}

/** Values chosen by checkboxes. */
export const chosen = (fields: FormData, name: string): string[] =>
  fields.getAll(name).filter((value) => typeof value === 'string')
