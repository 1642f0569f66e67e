/** Where one writes. The element owns its text: nothing here writes into it while it is composed. */
import { useEffect, useId, useMemo, useRef, useState } from 'react'
import type { Message } from '../api/types'
import { fit } from '../core/text'
import { w } from '../i18n'
import { useChat, useClient } from './context'
import { Counter } from './Counter'
import { forgetDraft, keepChosen, keepDraft, readChosen, readDraft, type Slot } from './drafts'
import { Icon } from './Icon'
import { MentionList, useMentions } from './Mentions'
import { isComposing, useEnter } from './useEnter'
import { useGrow } from './useGrow'

interface Props {
  room: number
  /** The message whose thread one writes in. */
  root?: number
  title: string
  replyTo: Message | null
  onReplied: () => void
}

export function Composer({ room, root, title, replyTo, onReplied }: Props) {
  const slot: Slot = root === undefined ? room : `${room}.${root}`
  const remaining = useId()
  const client = useClient()
  const me = useChat((state) => state.me?.id ?? 0)
  const field = useRef<HTMLTextAreaElement>(null)
  const limits = useChat((state) => state.limits)
  const [typed, setTyped] = useState(() => readDraft(me, slot))
  const space = useMemo(() => fit(typed, limits), [typed, limits])
  useGrow(field, typed)
  const mentions = useMentions(field, {
    room,
    chosen: () => readChosen(me, slot),
    onChosen: (chosen) => keepChosen(me, slot, chosen),
  })

  const send = () => {
    const element = field.current
    if (!element) return
    const text = element.value.trim()
    if (text === '' || !fit(text, limits).fits) return
    client.post(room, text, root ?? replyTo?.id, mentions.named(text))
    element.value = ''
    forgetDraft(me, slot)
    mentions.forget()
    setTyped('')
    onReplied()
  }
  useEnter(field, () => {
    if (!mentions.chooseCurrent()) send()
  })

  useEffect(() => {
    const element = field.current
    // A touch keyboard that opens by itself hides what one came to read.
    if (element && matchMedia('(pointer: fine)').matches) element.focus()
  }, [])
  useEffect(() => {
    if (replyTo) field.current?.focus()
  }, [replyTo])

  const onInput = (element: HTMLTextAreaElement) => {
    const { value } = element
    keepDraft(me, slot, value)
    setTyped(value)
    mentions.look()
    client.typing(room, value.trim() === '')
  }
  const tooLong = !space.fits

  return (
    <form
      className="composer"
      onSubmit={(e) => {
        e.preventDefault()
        send()
        field.current?.focus()
      }}
    >
      {replyTo && (
        <div className="replying">
          <Icon name="reply" />
          <span>{w.replyingTo(replyTo.author.display_name)}</span>
          <span className="replying-text">{replyTo.text}</span>
          <button type="button" className="quiet" aria-label={w.cancel} onClick={onReplied}>
            <Icon name="close" />
          </button>
        </div>
      )}
      <MentionList mentions={mentions} />
      <div className="composer-row">
        <textarea
          ref={field}
          className="grow"
          rows={1}
          defaultValue={readDraft(me, slot)}
          aria-label={w.write(title)}
          placeholder={w.write(title)}
          aria-invalid={tooLong}
          aria-describedby={remaining}
          {...mentions.aria}
          enterKeyHint="send"
          onInput={(e) => onInput(e.currentTarget)}
          onSelect={mentions.follow}
          onBlur={mentions.close}
          onKeyDown={(e) => {
            if (isComposing(e.nativeEvent)) return
            if (mentions.onKey(e.key)) e.preventDefault()
            else if (e.key === 'Escape' && replyTo) onReplied()
          }}
        />
        <button type="submit" className="send" aria-label={w.send} aria-disabled={tooLong}>
          <Icon name="send" />
        </button>
      </div>
      <Counter id={remaining} fit={space} />
    </form>
  )
}
