/** One of a few, all of them seen: radio buttons that look like one control. */
import { useId } from 'react'
import './choice.css'

interface Props<T extends string> {
  label: string
  hint?: string
  value: T
  options: readonly { value: T; label: string }[]
  onChoose: (value: T) => void
}

export function Choice<T extends string>({ label, hint, value, options, onChoose }: Props<T>) {
  const name = useId()
  return (
    <fieldset
      className="segmented"
      aria-describedby={hint === undefined ? undefined : `${name}-hint`}
    >
      <legend>{label}</legend>
      <div className="segments">
        {options.map((option) => (
          <label key={option.value} className="segment">
            <input
              type="radio"
              name={name}
              checked={option.value === value}
              onChange={() => onChoose(option.value)}
            />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
      {hint !== undefined && <small id={`${name}-hint`}>{hint}</small>}
    </fieldset>
  )
}
