import { useEffect, useId, useMemo, useRef, useState } from 'react'
import type { Message } from '../api/types'
import { fit } from '../core/text'
import { w } from '../i18n'
import { useChat, useClient } from './context'
import { Counter } from './Counter'
import { MentionList, useMentions } from './Mentions'
import { useAction } from './useAction'
import { isComposing, useEnter } from './useEnter'
import { useGrow } from './useGrow'

export function EditBox({ message, onDone }: { message: Message; onDone: () => void }) {
  const client = useClient()
  const field = useRef<HTMLTextAreaElement>(null)
  const limits = useChat((state) => state.limits)
  const [typed, setTyped] = useState(message.text)
  const space = useMemo(() => fit(typed, limits), [typed, limits])
  useGrow(field, typed)
  const mentions = useMentions(field, { room: message.room_id })
  const counter = useId()
  const { problem, run } = useAction()

  const done = () => {
    // The focus goes to the message: an Enter that comes late finds nothing to send there.
    field.current?.closest<HTMLElement>('.message')?.focus()
    onDone()
  }
  const save = () => {
    const text = field.current?.value.trim() ?? ''
    if (text === '' || text === message.text) {
      done()
      return
    }
    if (!fit(text, limits).fits) return
    run(async () => {
      await client.edit(message, text, mentions.named(text))
      done()
    })
  }
  useEnter(field, () => {
    if (!mentions.chooseCurrent()) save()
  })
  useEffect(() => {
    const element = field.current
    element?.focus()
    element?.setSelectionRange(element.value.length, element.value.length)
  }, [])

  return (
    <div className="edit-box">
      <MentionList mentions={mentions} />
      <textarea
        ref={field}
        className="grow"
        aria-label={w.edit}
        defaultValue={message.text}
        rows={1}
        aria-invalid={!space.fits}
        aria-describedby={counter}
        {...mentions.aria}
        onInput={(e) => {
          setTyped(e.currentTarget.value)
          mentions.look()
        }}
        onSelect={mentions.follow}
        onBlur={mentions.close}
        onKeyDown={(e) => {
          if (isComposing(e.nativeEvent)) return
          if (mentions.onKey(e.key)) e.preventDefault()
          else if (e.key === 'Escape') done()
        }}
      />
      <Counter id={counter} fit={space} />
      {problem !== null && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      <div className="edit-foot">
        <small>{w.editHint}</small>
        <button type="button" onClick={done}>
          {w.cancel}
        </button>
        <button type="button" className="primary" aria-disabled={!space.fits} onClick={save}>
          {w.save}
        </button>
      </div>
    </div>
  )
}
