/** When something is to be sent: a few usual times, or any other. */
import { useId, useState } from 'react'
import { localInput, presets } from '../../core/when'
import { dayAndClock } from '../../core/time'
import { useWords } from '../../i18n'
import { useClient } from '../context'
import { Dialog } from '../parts/Dialog'

interface Props {
  /** What it was until now. */
  at?: string
  onPick: (at: string) => void
  onClose: () => void
}

export function WhenDialog({ at, onPick, onClose }: Props) {
  const w = useWords()
  const client = useClient()
  const [now] = useState(() => client.now())
  const [typed, setTyped] = useState(localInput(at === undefined ? undefined : new Date(at), now))
  const id = useId()
  const chosen = new Date(typed)
  const isFuture = chosen.getTime() > now.getTime()
  const pick = (when: Date) => {
    onPick(when.toISOString())
    onClose()
  }
  return (
    <Dialog
      title={w.sendLater}
      size="small"
      onClose={onClose}
      foot={
        <button
          type="button"
          className="primary"
          aria-disabled={!isFuture}
          onClick={() => isFuture && pick(chosen)}
        >
          {w.schedule}
        </button>
      }
    >
      <ul className="choices">
        {presets(now).map(({ name, when }) => (
          <li key={name}>
            <button type="button" className="choice when-preset" onClick={() => pick(when)}>
              <span>{w.presets[name]}</span>
              <small>{dayAndClock(when.toISOString(), w.language, now)}</small>
            </button>
          </li>
        ))}
      </ul>
      <div className="when-own">
        <label htmlFor={id}>{w.otherTime}</label>
        <input
          id={id}
          type="datetime-local"
          defaultValue={typed}
          min={localInput(undefined, now)}
          aria-invalid={typed !== '' && !isFuture}
          onInput={(e) => setTyped(e.currentTarget.value)}
        />
        {typed !== '' && !isFuture && (
          <p className="problem" role="alert">
            {w.timeIsPast}
          </p>
        )}
      </div>
    </Dialog>
  )
}
