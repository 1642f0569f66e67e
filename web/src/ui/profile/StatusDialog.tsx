/** What one is up to, in a few words, and until when. */
import { useId, useRef, useState } from 'react'
import { untilOf, type Until } from '../../core/status'
import { useWords } from '../../i18n'
import { useChat, useClient } from '../context'
import { PickerButton } from '../emoji/PickerButton'
import { Icon } from '../Icon'
import { Dialog } from '../parts/Dialog'
import { Problem } from '../Problem'
import { useAction } from '../useAction'
import './profile.css'

const untils: Until[] = ['never', 'half_hour', 'hour', 'hours', 'today', 'week']

export default function StatusDialog({ onClose }: { onClose: () => void }) {
  const w = useWords()
  const client = useClient()
  const known = useChat((state) => (state.me ? state.users[state.me.id]?.status : null))
  const [emoji, setEmoji] = useState(known?.emoji ?? '')
  const text = useRef<HTMLInputElement>(null)
  const [until, setUntil] = useState<Until>('never')
  const { busy, problem, run } = useAction()
  const id = useId()
  const save = (clear = false) =>
    run(async () => {
      const end = untilOf(until, client.now())
      const words = text.current?.value.trim() ?? ''
      await client.api.setStatus(
        clear
          ? {}
          : {
              ...(emoji === '' ? {} : { emoji }),
              ...(words === '' ? {} : { text: words }),
              ...(end ? { until: end.toISOString() } : {}),
            },
      )
      onClose()
    })
  return (
    <Dialog
      title={w.setStatus}
      size="small"
      onClose={onClose}
      foot={
        <>
          {known && (
            <button type="button" aria-disabled={busy} onClick={() => save(true)}>
              {w.clearStatus}
            </button>
          )}
          <button type="button" className="primary" aria-disabled={busy} onClick={() => save()}>
            {w.save}
          </button>
        </>
      }
    >
      <form
        className="form"
        onSubmit={(e) => {
          e.preventDefault()
          save()
        }}
      >
        <div className="status-row">
          <PickerButton label={w.addEmoji} className="status-emoji" onPick={setEmoji}>
            {emoji === '' ? <Icon name="smile" /> : emoji}
          </PickerButton>
          <input
            ref={text}
            data-first
            type="text"
            maxLength={100}
            defaultValue={known?.text ?? ''}
            placeholder={w.statusText}
            aria-label={w.statusText}
          />
        </div>
        <div className="status-ideas">
          {w.statusIdeas.map(([sign, words]) => (
            <button
              key={sign}
              type="button"
              onClick={() => {
                setEmoji(sign)
                if (text.current) text.current.value = words
              }}
            >
              {sign} {words}
            </button>
          ))}
        </div>
        <label htmlFor={id}>{w.statusUntil}</label>
        <select id={id} value={until} onChange={(e) => setUntil(e.currentTarget.value as Until)}>
          {untils.map((one) => (
            <option key={one} value={one}>
              {w.untils[one]}
            </option>
          ))}
        </select>
        <Problem text={problem} />
      </form>
    </Dialog>
  )
}
