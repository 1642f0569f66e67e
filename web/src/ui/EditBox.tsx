import { useEffect, useRef } from 'react'
import type { Message } from '../api/types'
import { useWords } from '../i18n'
import { useClient } from './context'
import { useAction } from './useAction'
import { useDrafts } from './write/drafts'
import { leftField } from './write/editing'
import { Writer } from './write/Writer'

export default function EditBox({ message, onDone }: { message: Message; onDone: () => void }) {
  const w = useWords()
  const client = useClient()
  const drafts = useDrafts()
  const field = useRef<HTMLTextAreaElement>(null)
  const { problem, run } = useAction()
  const place = `edit.${message.id}` as const

  const done = () => {
    // Back to the empty field that one came from, else to the message: an Enter that comes late
    // finds nothing to send there.
    const back = leftField() ?? field.current?.closest<HTMLElement>('.message')
    back?.focus()
    onDone()
  }
  const cancel = () => {
    drafts.forget(place)
    done()
  }
  useEffect(() => {
    const element = field.current
    element?.focus()
    element?.scrollIntoView({ block: 'nearest' })
  }, [])

  return (
    <div className="edit-box">
      <Writer
        field={field}
        room={message.room_id}
        place={place}
        initial={message.text}
        label={w.edit}
        onSubmit={({ text, mentions }) => {
          if (text === message.text) {
            cancel()
            return false
          }
          run(async () => {
            await client.edit(message, text, mentions)
            cancel()
          })
          return false
        }}
        onEscape={() => {
          cancel()
          return true
        }}
      >
        {({ blocked, empty }) => (
          <>
            <button type="button" onClick={cancel}>
              {w.cancel}
            </button>
            <button type="submit" className="primary" aria-disabled={blocked || empty}>
              {w.save}
            </button>
          </>
        )}
      </Writer>
      {problem !== null && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      <small>{w.editHint}</small>
    </div>
  )
}
