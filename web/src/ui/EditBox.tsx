import { useEffect, useRef } from 'react'
import type { Message } from '../api/types'
import { w } from '../i18n'
import { useClient } from './context'
import { useAction } from './useAction'
import { isComposing, useEnter } from './useEnter'

export function EditBox({ message, onDone }: { message: Message; onDone: () => void }) {
  const client = useClient()
  const field = useRef<HTMLTextAreaElement>(null)
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
    run(async () => {
      await client.edit(message, text)
      done()
    })
  }
  useEnter(field, save)
  useEffect(() => {
    const element = field.current
    element?.focus()
    element?.setSelectionRange(element.value.length, element.value.length)
  }, [])

  return (
    <div className="edit-box">
      <textarea
        ref={field}
        className="grow"
        aria-label={w.edit}
        defaultValue={message.text}
        rows={1}
        onKeyDown={(e) => {
          if (e.key === 'Escape' && !isComposing(e.nativeEvent)) done()
        }}
      />
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
        <button type="button" className="primary" onClick={save}>
          {w.save}
        </button>
      </div>
    </div>
  )
}
