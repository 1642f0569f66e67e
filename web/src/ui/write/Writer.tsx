/**
 * A field to write in, wherever it stands: what is typed is kept, people and emoji are found, text
 * is formatted. The element owns its text: nothing here writes into it while it is composed.
 */
import { useEffect, useId, useMemo, useState, type ReactNode, type RefObject } from 'react'
import type { Author } from '../../api/types'
import type { Place } from '../../core/drafts'
import { fit } from '../../core/text'
import { breakLine } from '../../core/write/edits'
import { useWords } from '../../i18n'
import { useChat } from '../context'
import { Counter } from '../Counter'
import { useSettings } from '../settings/store'
import { isComposing } from '../composing'
import { useEnter } from '../useEnter'
import { useGrow } from '../useGrow'
import { apply, fill, selectedIn } from './field'
import { Outsiders } from './Outsiders'
import { pasted } from './paste'
import { SuggestList } from './SuggestList'
import { shortcut, Toolbar } from './Toolbar'
import { useDraft } from './useDraft'
import { useSuggest } from './useSuggest'
import './write.css'

export interface Written {
  text: string
  mentions: number[]
  /** The message's id before it has one; the same in every tab. */
  client_id: string | undefined
}

export interface FootState {
  blocked: boolean
  empty: boolean
  /** Hands over what is written; true empties the field. */
  take: (hand: (written: Written) => boolean) => void
}

interface Props {
  field: RefObject<HTMLTextAreaElement | null>
  room: number
  place: Place
  label: string
  placeholder?: string
  /** What is changed. */
  initial?: string
  /** True when it is on its way: the field is emptied. */
  onSubmit: (written: Written) => boolean
  onTyped?: (text: string) => void
  onEscape?: () => boolean
  /** Files that are pasted. */
  onFiles?: (files: File[]) => void
  /** Something beside the text: it can be sent without one. */
  hasMore?: boolean
  /** ArrowUp in an empty field. */
  onUp?: () => boolean
  /** Stands above the field, within its frame. */
  head?: ReactNode
  /** Stands among the tools: files and the like. */
  tools?: ReactNode
  /** Stands at the end of the tools: what sends. */
  children: (state: FootState) => ReactNode
}

/** A finger has no Shift: there Enter breaks the line, and the button sends. */
const touch = matchMedia('(hover: none) and (pointer: coarse)')

export function Writer(props: Props) {
  const { field, room, place, label, placeholder, initial = '', onSubmit } = props
  const w = useWords()
  const limits = useChat((state) => state.limits)
  const { enter } = useSettings()
  const counter = useId()
  const [outsiders, setOutsiders] = useState<Author[]>([])
  const draft = useDraft(field, { place, initial, onShown: (text) => setTyped(text) })
  const [typed, setTyped] = useState(draft.first)
  const space = useMemo(() => fit(typed, limits), [typed, limits])
  useGrow(field, typed)
  const suggest = useSuggest(field, {
    room,
    chosen: () => draft.read()?.chosen ?? [],
    onChosen: (text, chosen) => draft.choose(text, chosen),
    onOutsider: (user) => setOutsiders((all) => [...all.filter(({ id }) => id !== user.id), user]),
  })

  const take = (hand: (written: Written) => boolean) => {
    const element = field.current
    if (!element) return
    const text = element.value.trim()
    if ((text === '' && !props.hasMore) || !fit(text, limits).fits) return
    const { client_id } = draft.read() ?? {}
    if (!hand({ text, mentions: suggest.named(text), client_id })) return
    fill(element, initial)
    draft.forget()
    setTyped(initial)
    setOutsiders([])
  }
  const submit = () => take(onSubmit)
  const breaks = () => !suggest.open && (enter === 'newline' || touch.matches)
  useEnter(
    field,
    () => {
      if (!suggest.takeCurrent()) submit()
    },
    breaks,
  )

  // React does not tell of the browser's own event before it breaks a line.
  useEffect(() => {
    const element = field.current
    if (!element) return
    const onBreak = (e: InputEvent) => {
      if (e.defaultPrevented || e.isComposing) return
      if (e.inputType !== 'insertLineBreak' && e.inputType !== 'insertParagraph') return
      const edit = breakLine(selectedIn(element))
      if (!edit) return
      e.preventDefault()
      apply(element, edit)
    }
    element.addEventListener('beforeinput', onBreak)
    return () => element.removeEventListener('beforeinput', onBreak)
  }, [field])

  const onInput = (element: HTMLTextAreaElement, composing: boolean, data: string | null) => {
    draft.keep(element.value)
    setTyped(element.value)
    suggest.look()
    if (!composing && data === ':') suggest.finish()
    props.onTyped?.(element.value)
  }

  const onPlainKey = (key: string, element: HTMLTextAreaElement): boolean => {
    if (suggest.onKey(key)) return true
    if (key === 'Escape') return props.onEscape?.() ?? false
    return key === 'ArrowUp' && element.value === '' && (props.onUp?.() ?? false)
  }

  return (
    <form
      className="write"
      onSubmit={(e) => {
        e.preventDefault()
        submit()
        field.current?.focus()
      }}
    >
      <SuggestList suggest={suggest} />
      <Outsiders
        room={room}
        people={outsiders.filter(({ display_name }) => typed.includes(`@${display_name}`))}
        onDone={(id) => setOutsiders((all) => all.filter((one) => one.id !== id))}
      />
      <div className="write-frame">
        {props.head}
        <textarea
          ref={field}
          className="grow"
          rows={1}
          defaultValue={draft.first}
          aria-label={label}
          placeholder={placeholder ?? label}
          aria-invalid={!space.fits}
          aria-describedby={counter}
          {...suggest.aria}
          enterKeyHint={enter === 'newline' || touch.matches ? 'enter' : 'send'}
          onInput={(e) => {
            const { data = null, isComposing: open = false } = e.nativeEvent as Partial<InputEvent>
            onInput(e.currentTarget, open, data)
          }}
          onSelect={suggest.follow}
          onBlur={suggest.close}
          onPaste={(e) => {
            const { files, types } = e.clipboardData
            // A table copied from a sheet comes as a picture, too: it is text here.
            if (files.length === 0 || types.includes('text/html')) {
              if (pasted(e)) e.preventDefault()
            } else if (props.onFiles) {
              e.preventDefault()
              props.onFiles([...files])
            }
          }}
          onKeyDown={(e) => {
            if (isComposing(e.nativeEvent)) return
            const plain = !e.ctrlKey && !e.metaKey && !e.altKey && !e.shiftKey
            const taken = plain ? onPlainKey(e.key, e.currentTarget) : shortcut(e, e.currentTarget)
            if (!taken) return
            e.preventDefault()
            // An Escape that was for the list is not for the dialog or panel around it.
            e.stopPropagation()
          }}
        />
        <div className="write-foot">
          <Toolbar field={field}>{props.tools}</Toolbar>
          <Counter id={counter} fit={space} />
          <Foot blocked={!space.fits} empty={typed.trim() === '' && !props.hasMore} take={take}>
            {props.children}
          </Foot>
        </div>
      </div>
      <p className="unseen" role="note">
        {breaks() ? w.breakHint : w.sendHint}
      </p>
    </form>
  )
}

/** Only events reach into the field from here. */
function Foot({ children, ...state }: FootState & { children: (state: FootState) => ReactNode }) {
  return children(state)
}
