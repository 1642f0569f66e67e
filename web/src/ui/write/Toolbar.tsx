/** What a text can be made to look like; each also by keys. One stop for Tab, arrows within. */
import { useRef, useState, type KeyboardEvent, type ReactNode, type RefObject } from 'react'
import {
  toggleLines,
  toggleLink,
  toggleMark,
  type Edit,
  type Selected,
} from '../../core/write/edits'
import { useWords } from '../../i18n'
import { PickerButton } from '../emoji/PickerButton'
import { isMac } from '../mac'
import { Icon, type IconName } from '../Icon'
import { moved } from '../parts/moved'
import { apply, endComposition, insert, selectedIn } from './field'

type Named =
  | 'bold'
  | 'italic'
  | 'strike'
  | 'code'
  | 'link'
  | 'bulletList'
  | 'numberedList'
  | 'quoted'
  | 'hideText'

interface Tool {
  name: Named
  icon: IconName
  /** By place on the keyboard, so that it is the same in every layout. */
  code: string
  shift: boolean
  edit: (selected: Selected) => Edit
}

export const tools: readonly Tool[] = [
  { name: 'bold', icon: 'bold', code: 'KeyB', shift: false, edit: (s) => toggleMark(s, '**') },
  { name: 'italic', icon: 'italic', code: 'KeyI', shift: false, edit: (s) => toggleMark(s, '_') },
  { name: 'strike', icon: 'strike', code: 'KeyX', shift: true, edit: (s) => toggleMark(s, '~~') },
  { name: 'code', icon: 'code', code: 'KeyE', shift: false, edit: (s) => toggleMark(s, '`') },
  { name: 'link', icon: 'link', code: 'KeyU', shift: true, edit: (s) => toggleLink(s) },
  {
    name: 'bulletList',
    icon: 'list',
    code: 'Digit8',
    shift: true,
    edit: (s) => toggleLines(s, 'list'),
  },
  {
    name: 'numberedList',
    icon: 'numbers',
    code: 'Digit7',
    shift: true,
    edit: (s) => toggleLines(s, 'numbers'),
  },
  {
    name: 'quoted',
    icon: 'quote',
    code: 'Digit9',
    shift: true,
    edit: (s) => toggleLines(s, 'quote'),
  },
  { name: 'hideText', icon: 'eye', code: 'KeyH', shift: true, edit: (s) => toggleMark(s, '||') },
]

/** Does what a key with Ctrl (⌘ on a Mac) stands for; false where it stands for nothing. */
export function shortcut(e: KeyboardEvent, field: HTMLTextAreaElement): boolean {
  if (e.altKey || (isMac ? !e.metaKey || e.ctrlKey : !e.ctrlKey || e.metaKey)) return false
  const tool = tools.find((one) => one.code === e.code && one.shift === e.shiftKey)
  if (!tool) return false
  apply(field, tool.edit(selectedIn(field)))
  return true
}

function keysOf({ code, shift }: Tool): string {
  const key = code.replace(/^(?:Key|Digit)/, '')
  return isMac ? `${shift ? '⇧' : ''}⌘${key}` : `Ctrl+${shift ? 'Shift+' : ''}${key}`
}

interface Props {
  field: RefObject<HTMLTextAreaElement | null>
  /** Other things to put into a message, as files. */
  children?: ReactNode
}

export function Toolbar({ field, children }: Props) {
  const w = useWords()
  const bar = useRef<HTMLDivElement>(null)
  const [at, setAt] = useState(0)
  const buttons = () => [...(bar.current?.querySelectorAll<HTMLElement>(':scope > button') ?? [])]
  /** Where the caret was when the field was left for the picker. */
  const place = useRef<[number, number]>([0, 0])
  return (
    <div
      ref={bar}
      className="write-tools"
      role="toolbar"
      aria-label={w.formatting}
      onKeyDown={(e) => {
        if (!(e.target instanceof HTMLElement) || e.target.parentElement !== bar.current) return
        const all = buttons()
        const next = moved(e.key, all.indexOf(e.target), all.length, 'horizontal')
        if (next === null) return
        e.preventDefault()
        setAt(next)
        all[next]?.focus()
      }}
    >
      {children}
      <PickerButton
        label={w.addEmoji}
        side="above-start"
        tabIndex={at === 0 ? 0 : -1}
        onOpen={(open) => {
          const element = field.current
          if (open && element) place.current = [element.selectionStart, element.selectionEnd]
        }}
        onPick={(emoji) => {
          const element = field.current
          if (!element) return
          element.focus()
          element.setSelectionRange(...place.current)
          insert(element, emoji)
        }}
      >
        <Icon name="smile" />
      </PickerButton>
      {tools.map((tool, index) => (
        <button
          key={tool.name}
          type="button"
          className="quiet write-format"
          tabIndex={at === index + 1 ? 0 : -1}
          aria-label={w[tool.name]}
          aria-keyshortcuts={`${isMac ? 'Meta' : 'Control'}+${tool.shift ? 'Shift+' : ''}${tool.code.replace(/^(?:Key|Digit)/, '')}`}
          data-tip={w[tool.name]}
          data-keys={keysOf(tool)}
          // The field keeps the focus and what is selected in it.
          onPointerDown={(e) => e.preventDefault()}
          onClick={() => {
            const element = field.current
            if (!element) return
            if (document.activeElement === element) endComposition(element)
            apply(element, tool.edit(selectedIn(element)))
          }}
        >
          <Icon name={tool.icon} />
        </button>
      ))}
    </div>
  )
}
