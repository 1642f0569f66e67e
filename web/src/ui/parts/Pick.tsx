/** A button that opens a list of what half a word may mean: one of it is taken. */
import { useId, useRef, useState, type RefObject } from 'react'
import { useWords } from '../../i18n'
import { Icon } from '../Icon'
import { Popover } from './Popover'
import { useCombobox } from './useCombobox'
import './pick.css'

export interface Option<T> {
  id: number
  label: string
  aside?: string
  value: T
}

interface Props<T> {
  /** What the button says. */
  label: string
  /** What is looked for. */
  find: string
  /** A hook: what a half-typed name may mean. */
  useOptions: (query: string) => readonly Option<T>[]
  onPick: (value: T) => void
  /** It says what was taken before. */
  isSet?: boolean
  /** What stands beside the button says what it is about. */
  labelledBy?: string
}

export function Pick<T>(props: Props<T>) {
  const button = useRef<HTMLButtonElement>(null)
  const id = useId()
  const [open, setOpen] = useState(false)
  return (
    <>
      <button
        type="button"
        id={id}
        ref={button}
        aria-labelledby={props.labelledBy && `${props.labelledBy} ${id}`}
        className="filter"
        data-set={props.isSet}
        aria-haspopup="dialog"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        {props.label}
        <Icon name="fold" />
      </button>
      {open && (
        <Picking
          {...props}
          anchor={button}
          onPick={(value) => {
            setOpen(false)
            props.onPick(value)
          }}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  )
}

interface PickingProps<T> extends Props<T> {
  anchor: RefObject<HTMLElement | null>
  onClose: () => void
}

function Picking<T>({ label, find, useOptions, anchor, onPick, onClose }: PickingProps<T>) {
  const w = useWords()
  const field = useRef<HTMLInputElement>(null)
  const [query, setQuery] = useState('')
  const options = useOptions(query)
  const box = useCombobox({
    field,
    count: options.length,
    question: query,
    onPick: (index) => {
      const chosen = options[index]
      if (chosen) onPick(chosen.value)
    },
  })
  return (
    <Popover anchor={anchor} role="dialog" label={label} className="picking" onClose={onClose}>
      <input
        ref={field}
        type="search"
        autoFocus
        placeholder={find}
        aria-label={find}
        onInput={(e) => setQuery(e.currentTarget.value)}
        {...box.input}
      />
      <ul aria-label={label} {...box.list}>
        {options.map((option, index) => (
          <li key={option.id} className="proposal" {...box.option(index)}>
            <span>{option.label}</span>
            <small>{option.aside}</small>
          </li>
        ))}
      </ul>
      {options.length === 0 && <p className="hint">{w.nothingFound}</p>}
    </Popover>
  )
}
